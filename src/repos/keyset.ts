import { setTimeout as sleep } from 'node:timers/promises';
import Type, { type TSchema } from 'typebox';
import { Problem } from '../problems.js';
import { currentRequesters, runFor } from '../requester.js';
import { component } from '../schema.js';

/** Keyset paging: every page begins after the last key of the page before it. */

/** One page of an enumeration. */
interface Page {
  /** Newline-terminated JSON objects, as PostgreSQL sent them. */
  lines: Buffer;
  /** The number of lines. */
  count: number;
  /** The key of the last row, or the place where the reading stopped; undefined at the end. */
  last: string | undefined;
  /** Whether the reading stopped before the page was full: it looked at many rows, and few are wanted. */
  isPartial?: boolean;
}

/** What a stream sends at once: lines, and how many of them are rows. */
export type Chunk = Pick<Page, 'lines' | 'count'>;

/** Where a stream starts and ends. */
export interface Range {
  after?: string;
  limit?: number;
  /** Aborted if the client has disconnected. */
  signal?: AbortSignal;
}

/** Reads at most `size` rows whose keys follow `after`. */
export type ReadPage = (after: string | undefined, size: number, signal?: AbortSignal) => Promise<Page>;

const NEWLINE = 10;
/** Shows a client that the stream goes on. It is part of the next line, and parsers of JSON skip it. */
const SIGN_OF_LIFE = Buffer.from(' ');

/**
 * Makes a page of the single row of its statement: the lines, and their number. PostgreSQL makes the lines, which are
 * sent as bytes; only the last line of a page is parsed here.
 *
 * The statement joins the columns of an ordered subquery with `string_agg`, which keeps its order. An `order by` within
 * the aggregate would sort the rows a second time.
 *
 * @param keyOf returns the key from the last line; the next page begins after it
 */
export function toPage<Line>([row]: (Buffer | null)[][], keyOf: (line: Line) => string): Page {
  const [lines, count] = row ?? [];
  if (!lines) return { lines: Buffer.alloc(0), count: 0, last: undefined };
  const lastLine = lines.toString('utf8', lines.lastIndexOf(NEWLINE, -2) + 1);
  return { lines, count: Number(count), last: keyOf(JSON.parse(lastLine)) };
}

const StreamEnd = component(
  'StreamEnd',
  Type.Object(
    {
      end: Type.Literal(true),
      count: Type.Integer({ minimum: 0, description: 'How many rows were sent.' }),
      next: Type.Optional(
        Type.String({ description: 'The key to resume after, if `limit` left rows or the search was cut.' }),
      ),
    },
    {
      description: 'The last line of a stream that was not cut.',
      examples: [{ end: true, count: 1 }],
    },
  ),
);

/** The parameter for the limit of a stream. */
export const StreamLimit = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'Maximum number of rows. Without it all rows are sent.',
  examples: [1000],
});

/** The schema of a line in a stream of `row`: a row, or the end line. */
export function lineOf(row: TSchema): TSchema {
  return Type.Union([row, StreamEnd]);
}

const PAGE_ROWS = 5000;
/** How long a page is retried while the database is unavailable. */
const RETRY_MS = 30_000;
const RETRY_PAUSE_MS = 200;

/**
 * Streams pages, then the line `{"end":true,"count":N}`, which has `next` if `limit` left out rows. Each page is a
 * statement of its own, so a slow reader holds no connection and no snapshot. The first page is read before this
 * resolves: if that fails, the client gets a problem instead of a stream.
 *
 * A stream with a limit ends after a partial page, with `next` to go on. One without a limit reads on, and sends a space
 * where nothing was found, so that nobody takes it for dead.
 */
export async function keysetStream(
  readPage: ReadPage,
  { after, limit = Number.POSITIVE_INFINITY, signal }: Range,
): Promise<AsyncIterable<Chunk>> {
  const requesters = currentRequesters();
  const read: ReadPage = (after, size) => runFor(requesters, () => readPage(after, size, signal));
  return pagesFrom(read, await read(after, Math.min(PAGE_ROWS, limit)), limit);
}

async function* pagesFrom(read: ReadPage, first: Page, limit: number): AsyncGenerator<Chunk> {
  let page = first;
  let count = 0;
  for (;;) {
    const wanted = Math.min(PAGE_ROWS, limit - count);
    count += page.count;
    const { last, isPartial = false } = page;
    if (page.count > 0) yield page;
    else if (isPartial) yield { lines: SIGN_OF_LIFE, count: 0 };
    if (last === undefined || (page.count < wanted && !isPartial)) {
      yield endLine({ count });
      return;
    }
    if (isPartial && limit < Number.POSITIVE_INFINITY) {
      yield endLine({ count, next: last });
      return;
    }
    if (count >= limit) {
      const further = await readWithRetries(read, last, 1);
      const more = further.count > 0 || further.isPartial === true;
      yield endLine({ count, ...(more && { next: last }) });
      return;
    }
    page = await readWithRetries(read, last, Math.min(PAGE_ROWS, limit - count));
  }
}

/** Retries while the database is unavailable. Then the error ends the stream, which lacks the end line. */
async function readWithRetries(read: ReadPage, after: string, size: number): Promise<Page> {
  const giveUpAt = performance.now() + RETRY_MS;
  for (;;) {
    try {
      return await read(after, size);
    } catch (error) {
      const isTemporary = error instanceof Problem && error.status === 503;
      if (!isTemporary || performance.now() > giveUpAt) throw error;
      // Without `ref`, the pause does not keep the process alive after the reader has disconnected or the service has
      // closed.
      await sleep(RETRY_PAUSE_MS, undefined, { ref: false });
    }
  }
}

function endLine(end: { count: number; next?: string }): Chunk {
  return { lines: Buffer.from(`${JSON.stringify({ end: true, ...end })}\n`), count: 0 };
}
