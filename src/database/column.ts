/**
 * The values of a column as an array, one for each item; none at all where no item has one, as most columns are: a
 * subscript beyond the end of an array gives null, and so does unnest beside a longer array (alone it gives no row).
 */
export function column<Item, Value>(
  items: readonly Item[],
  read: (item: Item) => Value | null | undefined,
): (Value | null)[] {
  const values = items.map((item) => read(item) ?? null);
  return values.every((value) => value === null) ? [] : values;
}
