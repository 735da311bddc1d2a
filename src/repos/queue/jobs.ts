import type { Database, Sql } from '../../database/database.js';
import { utcText } from '../keyset.js';
import { pageOf } from './page.js';

export type JobState = 'scheduled' | 'ready' | 'running' | 'dead';

/** A job as its owner sees it: without the count of claims, which would make its lease. */
export interface JobRow {
  id: string;
  queue: string;
  state: JobState;
  /** JSON text. */
  job: string;
  priority: number;
  unique_key: string | null;
  attempts: number;
  max_attempts: number;
  queued_at: string;
  run_at: string | null;
  worker_id: string | null;
  lease_expires_at: string | null;
  cancel_requested: boolean;
  last_error: string | null;
  died_at: string | null;
}

/** What the jobs of one page may weigh together: more at a time would keep the process from answering others. */
const HEAVIEST = 1024 * 1024;

/**
 * A page in the order of arrival, of one state or of all that live; `next` where there are more. What a page weighs
 * is found out before any text is fetched, first from what is stored, without reading it, then from the texts of the
 * few that may fit: compressed ones are longer than they look. All parts see one snapshot, in which a row keeps its ctid.
 */
export async function listJobs(
  db: Database,
  queue: string,
  state: JobState | undefined,
  after: string,
  limit: number,
): Promise<{ jobs: JobRow[]; next: string | undefined }> {
  const rows = await db.run(
    (sql) => {
      const table = sql(state === 'dead' ? 'dead_jobs' : 'jobs');
      return sql<(JobRow & { seq: string; found: number })[]>`
        with page as materialized (
          ${pageOf(sql, queue, state, after, limit + 1)}
        ),
        likely as materialized (
          select at
          from (
            select at, row_number() over in_order as place, sum(stored) over in_order as weight
            from page
            window in_order as (order by seq rows unbounded preceding)
          ) as stored
          where place <= ${limit}
            and (place = 1 or weight <= ${HEAVIEST})
        ),
        fitting as materialized (
          select at
          from (
            select at, row_number() over in_order as place, sum(bytes) over in_order as weight
            from (
              select ctid as at, seq, octet_length(job::text) + coalesce(octet_length(last_error), 0) as bytes
              from ${table}
              where ctid = any(array(select at from likely))
            ) as text
            window in_order as (order by seq rows unbounded preceding)
          ) as weighed
          where place = 1
            or weight <= ${HEAVIEST}
        )
        select shown.*, seq::text as seq, (select count(*) from page)::integer as found
        from (
          ${state === 'dead' ? deadJobs(sql) : liveJobs(sql)}
          where ctid = any(array(select at from fitting))
        ) as shown
        order by shown.seq`;
    },
    { class: 'bulk' },
  );
  const last = rows.at(-1);
  return { jobs: rows, next: last && last.found > rows.length ? last.seq : undefined };
}

export async function findJob(db: Database, id: string): Promise<JobRow | undefined> {
  const [row] = await db.run(
    (sql) => sql<JobRow[]>`
      ${liveJobs(sql)}
      where id = ${id}::text::uuid
      union all
      ${deadJobs(sql)}
      where id = ${id}::text::uuid`,
  );
  return row;
}

/** A job that waits, or is dead, is gone; one that runs is told by its next heartbeat. */
export async function cancelJob(db: Database, id: string): Promise<'gone' | 'requested'> {
  const [row] = await db.run(
    (sql) => sql<{ requested: boolean; moved: boolean }[]>`
      with target as materialized (
        select id, state
        from jobs
        where id = ${id}::text::uuid
        for update
      ),
      gone as (
        delete from jobs
        where id = any(array(select id from target where state <> 'running'))
      ),
      gone_dead as (
        delete from dead_jobs
        where id = ${id}::text::uuid
      ),
      requested as (
        update jobs
        set cancel_requested = true
        where id = any(array(select id from target where state = 'running'))
      )
      select
        exists (select from target where state = 'running') as requested,
        exists (select from jobs where id = ${id}::text::uuid) and not exists (select from target) as moved`,
    // A job that died meanwhile is among the dead for the next run only.
    { again: ([found]) => found?.moved ?? false },
  );
  return row?.requested ? 'requested' : 'gone';
}

function liveJobs(sql: Sql) {
  return sql`
    select
      id::text as id, queue, state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')}, ${utcText(sql, 'run_at')}, worker_id, ${utcText(sql, 'lease_expires_at')},
      cancel_requested, last_error, null as died_at, seq
    from jobs`;
}

function deadJobs(sql: Sql) {
  return sql`
    select
      id::text as id, queue, 'dead' as state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')}, null as run_at, null as worker_id, null as lease_expires_at,
      false as cancel_requested, last_error, ${utcText(sql, 'died_at')}, seq
    from dead_jobs`;
}
