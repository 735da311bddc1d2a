/** Cursors of the list of queues. A cursor names the queue after which a page begins, with the figures by which it was sorted. */

interface ListPlace {
  ranks: number[];
  queue: string;
}

export function toListCursor(ranks: number[], queue: string): string {
  return Buffer.from(`${ranks.join()} ${queue}`).toString('base64url');
}

/** Reads a cursor; undefined if the text is not a cursor. */
export function readListCursor(cursor: string): ListPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, digits, queue] = /^((?:-?\d{1,15}(?:\.\d{1,9})?,?){1,3}) ([^\0]{1,255})$/su.exec(text) ?? [];
  if (digits === undefined || queue === undefined) return undefined;
  const ranks = digits.split(',').map(Number);
  return toListCursor(ranks, queue) === cursor ? { ranks, queue } : undefined;
}
