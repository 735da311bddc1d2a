import { currentRequesters, runFor } from '../requester.js';
import { Coalescer } from './coalescer.js';
import type { Database, Sql } from './database.js';

/** The part of the sessions that one kind of read may hold while the database is slow. */
const SHARE_OF_SESSIONS = 0.5;
/** The maximum size of a value in a statement for several keys, so that the result for 1,000 keys has 8 MiB at most. */
const SHARED_BYTES = 8 * 1024;
/** As `maxBytes`: no limit. */
export const ANY_SIZE = 2 ** 31 - 1;

interface Options<Key, Row> {
  /** The size of a key in bytes, if keys can be long. */
  sizeOf?: (key: Key) => number;
  /** Tells from a row that its value was left out because it has more than `maxBytes`. The key is then read alone. */
  isTooLarge?: (row: Row) => boolean;
}

/**
 * A read whose concurrent calls share a statement: calls that come while one is in flight go together in the next.
 * Nothing is cached, so an answer is never older than its call.
 *
 * @param statement returns a row for each key, in their order, also for keys that are not found. It looks each key up by
 *   itself (in a subquery, or a lateral join with a limit), because a join with the keys could be planned as a scan
 *   of the whole index while the table is small, and sessions keep their plans
 */
export function gatheredRead<Key, Row>(
  db: Database,
  statement: (sql: Sql, keys: Key[], maxBytes: number) => PromiseLike<readonly Row[]>,
  { sizeOf = () => 0, isTooLarge }: Options<Key, Row> = {},
): (key: Key) => Promise<Row> {
  const run = (keys: Key[], maxBytes: number): Promise<Row[]> =>
    db.run((sql) => statement(sql, keys, maxBytes));
  const shared = new Coalescer<Key, Row>({
    run: (keys) => run(keys, keys.length === 1 ? ANY_SIZE : SHARED_BYTES),
    maxInFlight: Math.max(1, Math.floor(db.load().size * SHARE_OF_SESSIONS)),
    sizeOf,
  });
  const call = (key: Key): Promise<Row> => shared.call(key);
  if (!isTooLarge) return call;
  return async (key) => {
    const requesters = currentRequesters();
    const row = await call(key);
    if (!isTooLarge(row)) return row;
    const [alone = row] = await runFor(requesters, () => run([key], ANY_SIZE));
    return alone;
  };
}
