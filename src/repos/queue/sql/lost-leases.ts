import type { Database } from '../../../database/database.js';
import { formatLease, LEASE_OF_JOB } from './lease.js';
import type { LeaseRequest } from './match-leases.js';

/** The state of a job whose lease is no longer current. */
export type LostState = 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';

export interface LeaseResult {
  /** Null if the lease was current, and the statement changed its job. */
  lost: LostState | null;
  /** The lease is current, but another transaction has locked its job: nothing was done yet. */
  isBlocked: boolean;
}

/**
 * Adds to the row of each lease what became of it. This needs a second statement: the snapshot of the first would still
 * show a job as running whose run has just ended elsewhere.
 */
export async function findLost<Row extends { matched: boolean }>(
  db: Database,
  leases: LeaseRequest[],
  rows: Row[],
): Promise<(Row & LeaseResult)[]> {
  const ids = leases.filter((_, at) => !rows[at]?.matched).map(({ id }) => id);
  if (ids.length === 0) return rows.map((row) => ({ ...row, lost: null, isBlocked: false }));
  const found = await db.run(
    (sql) => sql<{ id: string; state: LostState; lease: string | null }[]>`
      select
        id::text as id, state,
        case when state = 'running' then ${LEASE_OF_JOB(sql)} end as lease
      from jobs
      where id = any(${ids}::uuid[])
      union all
      select id::text as id, 'dead', null
      from dead_jobs
      where id = any(${ids}::uuid[])`,
  );
  const jobs = new Map(found.map((job) => [job.id, job]));
  return rows.map((row, at) => {
    const request = leases[at];
    if (row.matched || !request) return { ...row, lost: null, isBlocked: false };
    const job = jobs.get(request.id);
    return { ...row, lost: job?.state ?? 'gone', isBlocked: job?.lease === formatLease(request) };
  });
}
