import type { Database, Sql } from '../../database/database.js';
import { type Delivery, formatLease, LEASE_OF_JOB, type Lease } from './lease.js';

/** Where the job of a lease is, that is not held any more. */
export type LostState = 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';

/** What became of a lease that a statement was about. */
export interface Fate {
  /** Null where the lease was held. */
  lost: LostState | null;
  /** The lease holds, but another transaction has locked its job: nothing was done yet. */
  isBlocked: boolean;
}

/** A lease, or one delivery of it. */
export type Asked = Lease & Partial<Delivery>;

/**
 * CTEs that begin statements about leases: `asked (n, id, lease, delivery)`, and `held`, whose rows are locked. A row
 * is held only if its lease matches: a late worker changes nothing. Rows that another transaction has locked are
 * skipped; findFates tells them apart. What a statement needs of a row it takes from `held`: there it is as it was
 * locked, in the table as it was when the statement began.
 */
export function heldLeases(sql: Sql, leases: Asked[]) {
  return sql`
    asked as materialized (
      select
        n,
        (${leases.map(({ id }) => id)}::uuid[])[n] as id,
        (${leases.map(formatLease)}::text[])[n] as lease,
        nullif((${leases.map(({ delivery }) => delivery ?? '')}::text[])[n], '')::bigint as delivery
      from generate_series(1, ${leases.length}::integer) as n
    ),
    held as materialized (
      select
        jobs.id, ${LEASE_OF_JOB(sql)} as lease, jobs.delivery, jobs.claims, jobs.attempts, jobs.max_attempts,
        jobs.cancel_requested, jobs.last_error
      from jobs
      where jobs.id = any(array(select id from asked))
        -- Means state = 'running'. Written so because the planner would otherwise prefer jobs_running.
        and jobs.lease_expires_at is not null
        and exists (
          select
          from asked
          where asked.id = jobs.id
            and asked.lease = ${LEASE_OF_JOB(sql)}
        )
      order by jobs.id
      for update of jobs skip locked
    )`;
}

/** Joins `asked` to `held`. */
export function isHeld(sql: Sql) {
  return sql`held.lease = asked.lease`;
}

/**
 * Says for each lease that was not held where its job is. It looks after the statement: within it, the job of a
 * lease that somebody else has just ended would still seem to run.
 */
export async function findFates<Row extends { held: boolean }>(
  db: Database,
  leases: Asked[],
  rows: Row[],
): Promise<(Row & Fate)[]> {
  const ids = leases.filter((_, at) => !rows[at]?.held).map(({ id }) => id);
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
    const asked = leases[at];
    if (row.held || !asked) return { ...row, lost: null, isBlocked: false };
    const job = jobs.get(asked.id);
    return { ...row, lost: job?.state ?? 'gone', isBlocked: job?.lease === formatLease(asked) };
  });
}
