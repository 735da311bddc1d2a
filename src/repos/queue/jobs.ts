import type { Database, Sql } from '../../database/database.js';

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

/** What the jobs of one page, with their errors, may weigh together. */
const HEAVIEST = 8 * 1024 * 1024;

/** A page in the order of arrival, of one state or of all that live; `next` where there are more. */
export async function listJobs(
  db: Database,
  queue: string,
  state: JobState | undefined,
  after: string,
  limit: number,
): Promise<{ jobs: JobRow[]; next: string | undefined }> {
  const rows = await db.run(
    (sql) => sql<(JobRow & { seq: string; found: number })[]>`
      with page as materialized (
        ${state === 'dead' ? deadJobs(sql) : liveJobs(sql)}
        where queue = ${queue}
          and seq > ${after}::text::bigint
          and ${state === undefined || state === 'dead' ? sql`true` : sql`state = ${state}`}
        order by seq
        limit ${limit + 1}
      ),
      -- Materialized: a join may ask for it once for each row.
      weighed as materialized (
        select
          id,
          row_number() over in_order as place,
          -- As they go out: an error may hold much that JSON escapes.
          sum(octet_length(job) + coalesce(octet_length(to_json(last_error)::text), 0)) over in_order as weight
        from page
        window in_order as (order by seq)
      )
      select page.*, seq::text as seq, (select count(*) from page)::integer as found
      from page
      join weighed using (id)
      where place <= ${limit}
        and (place = 1 or weight <= ${HEAVIEST})
      order by page.seq`,
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
      queued_at, run_at, worker_id, lease_expires_at, cancel_requested, last_error, null::timestamptz as died_at,
      seq
    from jobs`;
}

function deadJobs(sql: Sql) {
  return sql`
    select
      id::text as id, queue, 'dead' as state, job::text as job, priority, unique_key, attempts, max_attempts,
      queued_at, null::timestamptz as run_at, null as worker_id, null::timestamptz as lease_expires_at,
      false as cancel_requested, last_error, died_at, seq
    from dead_jobs`;
}
