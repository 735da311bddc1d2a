import { setTimeout as sleep } from 'node:timers/promises';
import Type, { type TSchema } from 'typebox';
import { Problem } from '../problems.js';
import { component } from '../schema.js';

/** One page of an enumeration. */
export interface Page {
  /** Newline-terminated JSON objects. */
  lines: string;
  count: number;
  /** The key of the last row; undefined where there is none. */
  last: string | undefined;
}

/** What goes out at a time: lines, and how many of them are rows. */
export type Chunk = Pick<Page, 'lines' | 'count'>;

/** Reads the page of at most `size` rows that follow the key `after`. */
export type ReadPage = (after: string | undefined, size: number) => Promise<Page>;

const StreamEnd = component(
  'StreamEnd',
  Type.Object(
    {
      end: Type.Literal(true),
      count: Type.Integer({ minimum: 0, description: 'How many rows were sent.' }),
      next: Type.Optional(Type.String({ description: 'Where `limit` left rows: the key to resume after.' })),
    },
    { description: 'The last line of a stream that was not cut.' },
  ),
);

/** What a line of a stream of `row` is. */
export function lineOf(row: TSchema): TSchema {
  return Type.Union([row, StreamEnd]);
}

const PAGE_ROWS = 5000;
/** How long a page is tried for, while the database is away. */
const PATIENCE_MS = 30_000;

/**
 * Pages as they are drained, then the line `{"end":true,"count":N}`, with `next` where `limit` left rows.
 * Between pages nothing of the database is held, so a slow reader costs a socket and a page of memory.
 * The first page is read before this resolves, so that its failure can still be a problem.
 */
export async function keysetStream(
  read: ReadPage,
  after: string | undefined,
  limit: number | undefined,
): Promise<AsyncIterable<Chunk>> {
  const first = await read(after, pageSize(limit, 0));
  return pages(first);

  async function* pages(page: Page): AsyncGenerator<Chunk> {
    let count = 0;
    for (;;) {
      const wanted = pageSize(limit, count);
      count += page.count;
      if (page.count > 0) yield page;
      if (limit !== undefined && count >= limit) {
        const more = page.last !== undefined && (await patiently(page.last, 1)).count > 0;
        yield endLine({ count, ...(more && { next: page.last }) });
        return;
      }
      if (page.count < wanted || page.last === undefined) {
        yield endLine({ count });
        return;
      }
      page = await patiently(page.last, pageSize(limit, count));
    }
  }

  /** Asks again while the database is away; then the stream is cut, never ended. */
  async function patiently(from: string, size: number): Promise<Page> {
    const giveUp = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await read(from, size);
      } catch (error) {
        const passing = error instanceof Problem && error.status === 503;
        if (!passing || performance.now() > giveUp) throw error;
        await sleep(200);
      }
    }
  }
}

function endLine(end: { count: number; next?: string | undefined }): Chunk {
  return { lines: `${JSON.stringify({ end: true, ...end })}\n`, count: 0 };
}

function pageSize(limit: number | undefined, sent: number): number {
  return Math.min(PAGE_ROWS, (limit ?? Number.POSITIVE_INFINITY) - sent);
}
