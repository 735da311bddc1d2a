import type { Database, Fragment, Sql } from '../../../database/database.js';
import { utcText, utcTextOf } from '../../time-text.js';
import { readableOf, storedSize } from './fitting-page.js';
import { type JobFilter, matchesFilter } from './job-filter.js';
import { MAX_PAGE_BYTES } from './list-jobs.js';
import { MAX_SCANNED } from './scan-jobs.js';

/** A completed job as the API shows it. */
export interface CompletedJob {
  id: string;
  queue: string;
  state: 'completed';
  /** JSON text. */
  job: string;
  priority: number;
  unique_key: string | null;
  attempts: number;
  max_attempts: number;
  queued_at: string;
  worker_id: string;
  running_since: string | null;
  last_error: string | null;
  completed_at: string;
  ran_seconds: number | null;
  /** JSON text; null if the worker gave none. */
  result: string | null;
}

interface CompletedPage {
  jobs: CompletedJob[];
  /** The next page begins after this `seq`. */
  next: string | undefined;
}

function selectCompleted(sql: Sql) {
  return sql`
    select
      id::text as id, queue, 'completed' as state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')}, worker_id, ${utcTextOf(sql, sql`claimed_at`)} as running_since, last_error,
      ${utcText(sql, 'completed_at')}, extract(epoch from completed_at - claimed_at)::numeric as ran_seconds,
      result::text as result, seq
    from completed_jobs`;
}

/** A part is emptied only when all its jobs are old, so it also has jobs that are older than the retention. */
function isYoung(sql: Sql, retentionMinutes: number) {
  return sql`completed_at > now() - make_interval(mins => ${retentionMinutes}::integer)`;
}

/** Above every `seq`. */
const NEWEST = '9223372036854775807';

/** The job that was completed last with this id. */
export async function findCompleted(
  db: Database,
  id: string,
  retentionMinutes: number,
): Promise<CompletedJob | undefined> {
  const [row] = await db.run(
    (sql) => sql<CompletedJob[]>`
      ${selectCompleted(sql)}
      where id = ${id}::text::uuid
        and ${isYoung(sql, retentionMinutes)}
      -- Not by seq, by whose index a plan could look for the id.
      order by completed_at desc
      limit 1`,
  );
  return row;
}

/**
 * A page of completed jobs, the newest first, by the index of their order or by that of their queue. The other
 * conditions of the filter are checked for MAX_SCANNED jobs, so a page may have fewer jobs than `limit`, or none, and
 * still a `next`. The size of a page is found out as in fitting-page.ts, but by `seq`, because rows of several parts
 * may have the same ctid.
 */
export async function listCompleted(
  db: Database,
  filter: JobFilter,
  {
    after = NEWEST,
    limit,
    retentionMinutes,
  }: { after?: string | undefined; limit: number; retentionMinutes: number },
  signal?: AbortSignal,
): Promise<CompletedPage> {
  const rows = await db.run(
    (sql) => {
      const { queue } = filter;
      const place = sql`${after}::text::bigint`;
      // A range instead of `queue = …`, with which a plan could search the index of seq alone for the jobs of the queue.
      const behind =
        queue === undefined
          ? sql`seq < ${place}`
          : sql`(queue, seq) < (${queue}::text, ${place}) and queue >= ${queue}::text`;
      const order = queue === undefined ? sql`seq desc` : sql`queue desc, seq desc`;
      const looked = sql`
        select queue, seq, completed_at, job, unique_key, worker_id, last_error
        from completed_jobs
        where ${behind}
        order by ${order}`;
      const scan = { most: limit + 1, young: isYoung(sql, retentionMinutes) };
      return sql<(CompletedJob & { seq: string | null; found: number; reached: string | null })[]>`
        with ${filter.payload === undefined ? pageOf(sql, looked, filter, order, scan) : payloadPageOf(sql, looked, filter, order, scan)},
        likely as materialized (
          select seq
          from (
            select seq, row_number() over in_order as place, sum(stored) over in_order as size
            from page
            window in_order as (order by seq desc rows unbounded preceding)
          ) as stored
          where place <= ${limit}
            and (place = 1 or size <= ${MAX_PAGE_BYTES})
        ),
        fitting as materialized (
          select seq
          from (
            select seq, row_number() over in_order as place, sum(bytes) over in_order as size
            from (
              select
                seq,
                octet_length(job::text) + coalesce(octet_length(last_error), 0) + coalesce(octet_length(result::text), 0) as bytes
              from completed_jobs
              where seq = any(array(select seq from likely))
            ) as text
            window in_order as (order by seq desc rows unbounded preceding)
          ) as measured
          where place = 1 or size <= ${MAX_PAGE_BYTES}
        )
        select
          shown.*,
          shown.seq::text as seq,
          (select count(*) from page)::integer as found,
          (select seq::text from reached) as reached
        from (select true) as always
        left join (
          ${selectCompleted(sql)}
          where seq = any(array(select seq from fitting))
        ) as shown on true
        order by shown.seq desc`;
    },
    { class: 'bulk', signal },
  );
  const jobs = rows.filter(({ seq }) => seq !== null);
  const { found = 0, reached } = rows[0] ?? {};
  const last = jobs.at(-1);
  const next = last && found > jobs.length ? last.seq : reached;
  return { jobs, next: next ?? undefined };
}

interface Scan {
  most: number;
  /** A condition: the job is to be shown. */
  young: Fragment;
}

/** The CTEs `page` and `reached`, as scan-jobs.ts has them for other jobs. */
function pageOf(sql: Sql, rows: Fragment, filter: JobFilter, order: Fragment, { most, young }: Scan) {
  return sql`
    page as materialized (
      select seq, ${storedSize(sql)} as stored
      from (${rows} limit ${MAX_SCANNED}) as scanned
      where ${young}
        and ${matchesFilter(sql, filter)}
      order by ${order}
      limit ${most}
    ),
    reached as materialized (
      select seq
      from (${rows} offset ${MAX_SCANNED - 1} limit 1) as last
      where ${young}
        and (select count(*) from page) < ${most}
    )`;
}

function payloadPageOf(sql: Sql, rows: Fragment, filter: JobFilter, order: Fragment, { most, young }: Scan) {
  const first = sql`${rows} limit ${MAX_SCANNED}`;
  return sql`
    ${readableOf(sql, first, sql`queue, seq, completed_at`, order)},
    page as materialized (
      select seq, ${storedSize(sql)} as stored
      from completed_jobs
      where seq = any(array(select seq from looked))
        and ${young}
        and ${matchesFilter(sql, filter)}
      order by ${order}
      limit ${most}
    ),
    reached as materialized (
      select seq
      from (select * from looked order by place desc limit 1) as last
      where ${young}
        and (scanned = ${MAX_SCANNED} or scanned > (select count(*) from looked))
        and (select count(*) from page) < ${most}
    )`;
}
