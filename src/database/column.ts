/**
 * The values of a column as an array, one for each item; none at all where no item has one, as most columns are
 * then: unnest and subscripts read nulls beyond the end of an array, and nobody writes and reads them one by one.
 */
export function column<Item, Value>(
  items: readonly Item[],
  read: (item: Item) => Value | null | undefined,
): (Value | null)[] {
  const values = items.map((item) => read(item) ?? null);
  return values.every((value) => value === null) ? [] : values;
}
