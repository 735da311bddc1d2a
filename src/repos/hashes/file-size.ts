import { column } from '../../database/column.js';

/** The file of a content or of a variant. */
export interface SizedFile {
  identifier: string;
  /**
   * Null or undefined if the size is unknown. It is not compared with an existing record; a missing size is filled in.
   */
  bytes?: number | null | undefined;
}

type Size = Pick<SizedFile, 'bytes'>;

export const isSameFile = (file: SizedFile, existing: SizedFile): boolean =>
  file.identifier === existing.identifier;

/** The sizes for a statement, -1 where unknown. The array is empty if no request has a size, as most have none. */
export const sizesOf = (files: SizedFile[]): number[] => column(files, ({ bytes }) => bytes, -1);

/** Returns the stored size, after `fill` has stored that of the request where it was missing. */
export async function filledSize<Item extends SizedFile>(
  asked: Item,
  stored: Item,
  fill: (item: Item, size: number) => Promise<Size[]>,
): Promise<{ bytes?: number }> {
  let size = stored.bytes ?? undefined;
  const given = asked.bytes ?? undefined;
  if (size === undefined && given !== undefined) {
    const [filled] = await fill(asked, given);
    size = filled?.bytes ?? undefined;
  }
  return size === undefined ? {} : { bytes: size };
}
