/**
 * The values of a column as an array, one for each item; none at all where no item has one, as most columns are: a
 * subscript beyond the end of an array gives null, and so does unnest beside a longer array (alone it gives no row).
 *
 * @param none stands for a missing value where others have one, as an array may hold no null (parameters.ts); the
 *   statement takes it back by nullif(), where it is not the default
 */
export function column<Item, Value extends string | number>(
  items: readonly Item[],
  read: (item: Item) => Value | null | undefined,
  none: Value,
): Value[] {
  const values = items.map(read);
  return values.every((value) => value === null || value === undefined)
    ? []
    : values.map((value) => value ?? none);
}
