/** Cursors of the list of queues: behind which queue a page begins, and the figure by which that one was sorted. */

interface ListPlace {
  rank: number;
  queue: string;
}

export function toListCursor(rank: number, queue: string): string {
  return Buffer.from(`${rank} ${queue}`).toString('base64url');
}

/** Reads a cursor; undefined if it is none. */
export function readListCursor(cursor: string): ListPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, digits, queue] = /^(-?\d{1,15}(?:\.\d{1,9})?) ([^\0]{1,255})$/su.exec(text) ?? [];
  if (digits === undefined || queue === undefined || toListCursor(Number(digits), queue) !== cursor)
    return undefined;
  return { rank: Number(digits), queue };
}
