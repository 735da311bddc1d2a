import type { Database, Fragment, Sql } from '../../../database/database.js';
import { constant, NOTHING, NULL } from '../../../database/driver/constant.js';
import { formatLease, LEASE_OF_JOB, type Lease } from './lease.js';
import type { Swept } from './sweep.js';

/** The lease of a job that is done, and its result. */
export interface DoneLease extends Lease {
  /** JSON text, as it was sent. */
  result?: string | undefined;
}

/** What is kept of a job: columns of `jobs` that completed_jobs has too. */
const KEPT = constant(
  (sql) =>
    sql`job, priority, unique_key, queued_at, attempts, max_attempts, last_error, worker_id, claimed_at`,
);

/** Further columns that a completion returns, so that the job can be kept; none if completed jobs are not kept. */
export function keptColumns(sql: Sql, retentionMinutes: number): Fragment {
  return retentionMinutes === 0
    ? NOTHING(sql)
    : sql`, ${LEASE_OF_JOB(sql)} as lease, ${KEPT(sql)}, clock_timestamp() as completed_at`;
}

/**
 * A CTE that keeps the jobs of the CTE `completed`. Completions are written to one of four parts at a time, for half of
 * the retention each, so that one part is always old enough to be emptied (migrations/00017-completed-jobs.js). Of
 * equal leases the result of the first counts.
 */
export function keepCompleted(sql: Sql, leases: DoneLease[], retentionMinutes: number): Fragment {
  const firsts = new Map<string, string | undefined>();
  for (const lease of leases)
    if (!firsts.has(formatLease(lease))) firsts.set(formatLease(lease), lease.result);
  const sent = [...firsts].flatMap(([lease, result]) => (result === undefined ? [] : [{ lease, result }]));
  const results = sql`
      left join (
        select
          unnest(${sent.map(({ lease }) => lease)}::text[]) as lease,
          unnest(${sent.map(({ result }) => result)}::text[]) as result
      ) as sent using (lease)`;
  return sql`
    kept as (
      insert into completed_jobs (part, id, queue, ${KEPT(sql)}, completed_at, result)
      select
        extract(epoch from completed_at)::bigint / ${30 * retentionMinutes}::integer % 4,
        id, queue, ${KEPT(sql)}, completed_at, ${sent.length > 0 ? sql`result::json` : NULL(sql)}
      from completed
      ${sent.length > 0 ? results : NOTHING(sql)}
    )`;
}

/** How long the completed jobs stay that were kept before the retention was set to 0. */
const LEFT_OVER_MINUTES = 1440;

/** Empties a part of completed_jobs whose jobs are all old. If a reader holds a lock on it, a later sweep empties it. */
export async function emptyCompletedJobs(db: Database, retentionMinutes: number): Promise<Swept> {
  const [row] = await db.run(
    (sql) => sql<{ emptied: boolean }[]>`
      select empty_completed_jobs(${retentionMinutes || LEFT_OVER_MINUTES}::integer) as emptied`,
  );
  return { ready: [], full: row?.emptied ?? false };
}
