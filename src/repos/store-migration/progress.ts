import type { Database, Sql } from '../../database/database.js';
import { Problem } from '../../problems.js';
import { SharedResult } from '../shared-result.js';
import { throughSlicesUntil } from '../slices.js';
import { utcTextOf } from '../time-text.js';

/** The numbers of files of a move. */
interface Counts {
  /** When the count began. */
  as_of: string;
  /** The number of marks. */
  migrated: number;
  /** The number of files that contents use. */
  total: number;
  /** The number of those files that are marked. */
  done: number;
}

/** The same before the first count has ended. */
type UnknownCounts = { [Name in keyof Counts]: null };

/** How long a request waits for counts. With many files it is answered with older ones, or without. */
const MAX_WAIT_MS = 2000;
/** A count is given up after this time. */
const MAX_MS = 30 * 60_000;
const RATE_SECONDS = 60;
const UNKNOWN: UnknownCounts = { as_of: null, migrated: null, total: null, done: null };

/** Whether there are marks, and how many files a second were marked in the last minute. It reads the newest marks only. */
export function markingStatement(sql: Sql) {
  return sql<{ continuing: boolean; rate: number }[]>`
    with recent as (
      select count(*) as count, min(marked_at) as since
      from store_migrations
      where marked_at > clock_timestamp() - make_interval(secs => ${RATE_SECONDS})
    )
    select
      (select true from store_migrations order by marked_at desc limit 1) is true as continuing,
      coalesce(round(count / greatest(extract(epoch from clock_timestamp() - since), 1)::numeric, 2), 0) as rate
    from recent`;
}

/** Counts the files of a move. One count serves all requests. The longer it took, the longer it is used. */
export function moveCounts(db: Database): () => Promise<Counts | UnknownCounts> {
  const counts = new SharedResult(() => count(db), MAX_WAIT_MS);
  return async () => {
    try {
      return await counts.read();
    } catch (error) {
      if (error instanceof Problem && error.code === 'figures_not_ready') return UNKNOWN;
      throw error;
    }
  };
}

async function count(db: Database): Promise<Counts> {
  const [now] = await db.run(
    (sql) => sql<{ as_of: string }[]>`
      select ${utcTextOf(sql, sql`clock_timestamp()`)} as as_of`,
  );
  const counts = { as_of: now?.as_of ?? '', migrated: 0, total: 0, done: 0 };
  const until = performance.now() + MAX_MS;
  for (const [slice, first] of PASSES) {
    const read = async (place: string[], size: number): Promise<string[] | undefined> => {
      const [row] = await db.run((sql) => slice(sql, place, size), { class: 'bulk' });
      counts.total += row?.total ?? 0;
      counts.migrated += row?.migrated ?? 0;
      counts.done += row?.done ?? 0;
      return row?.last ?? undefined;
    };
    await throughSlicesUntil(until, first, read);
  }
  // Files that came or went during the count could make `done` exceed `total`.
  return { ...counts, done: Math.min(counts.done, counts.total) };
}

interface Slice {
  total?: number;
  migrated?: number;
  done?: number;
  last: string[] | null;
}

type ReadSlice = (sql: Sql, place: string[], size: number) => PromiseLike<readonly Slice[]>;

/** Each pass with its first place. The order of the creation of contents is also their order on disk. */
export const PASSES: [ReadSlice, string[]][] = [
  [
    (sql, [at = '', hash = ''], size) => sql<Slice[]>`
      with looked_at as materialized (
        select created_at, hash, motion_identifier is not null as has_motion, row_number() over (order by created_at, hash) as n
        from (
          select created_at, hash, motion_identifier
          from hashes
          where (created_at, hash) > (${at}::text::timestamptz, decode(${hash}, 'hex'))
            and doomed_at is null
          order by created_at, hash
          limit ${size}
        ) as page
      )
      select
        count(*) + count(*) filter (where has_motion) as total,
        (
          select json_build_array(
            ${utcTextOf(sql, sql`created_at`)},
            encode(hash, 'hex')
          )
          from looked_at
          where n = ${size}
        ) as last
      from looked_at`,
    ['-infinity', ''],
  ],
  [
    (sql, [hash = '', variant = ''], size) => sql<Slice[]>`
      with looked_at as materialized (
        select hash, variant, row_number() over (order by hash, variant) as n
        from (
          select hash, variant
          from variants
          where (hash, variant) > (decode(${hash}, 'hex'), ${variant})
          order by hash, variant
          limit ${size}
        ) as page
      )
      select
        count(*) as total,
        (select json_build_array(encode(hash, 'hex'), variant) from looked_at where n = ${size}) as last
      from looked_at`,
    ['', ''],
  ],
  [
    (sql, [identifier = ''], size) => sql<Slice[]>`
      with looked_at as materialized (
        select old_identifier, new_identifier, row_number() over (order by old_identifier) as n
        from (
          select old_identifier, new_identifier
          from store_migrations
          where old_identifier > ${identifier}
          order by old_identifier
          limit ${size}
        ) as page
      )
      select
        count(*) as migrated,
        count(*) filter (where (
          select condemned_at is null from files where identifier = new_identifier
        ))
        + count(*) filter (where new_identifier is distinct from old_identifier and (
          select condemned_at is null from files where identifier = old_identifier
        )) as done,
        (select json_build_array(old_identifier) from looked_at where n = ${size}) as last
      from looked_at`,
    [''],
  ],
];
