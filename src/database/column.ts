/**
 * The values of a column as an array, one for each item. Most columns have no values at all, and are sent as an empty
 * array: a subscript beyond its end gives null, and so does unnest beside a longer array (alone it gives no row).
 *
 * @param none stands for a missing value if other items have one, because an array may hold no null
 *   (driver/parameters.ts). The statement makes it null again with nullif(), unless it is the default of the column
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
