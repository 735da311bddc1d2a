import type { Sql } from '../../../database/database.js';
import { type Delivery, formatLease, LEASE_OF_JOB, type Lease, RUN_TIME } from './lease.js';

/** A lease, or one delivery of it. */
export type LeaseRequest = Lease & Partial<Delivery>;

/**
 * Here leases are checked: the CTEs with which statements about leases begin. `requested (n, id, lease, delivery)` has
 * the leases of the call. `matched` has the jobs that have these leases now, with their rows locked, so a late worker
 * changes nothing. Rows that another transaction has locked are skipped; lost-leases.ts finds out which.
 *
 * Statements take the columns of a job from `matched`, which has their values at the time of the lock. The table shows
 * them as they were when the statement began.
 */
export function matchLeases(sql: Sql, leases: LeaseRequest[]) {
  return sql`
    requested as materialized (
      select
        n,
        (${leases.map(({ id }) => id)}::uuid[])[n] as id,
        (${leases.map(formatLease)}::text[])[n] as lease,
        nullif((${leases.map(({ delivery }) => delivery ?? '')}::text[])[n], '')::bigint as delivery
      from generate_series(1, ${leases.length}::integer) as n
    ),
    matched as materialized (
      select
        jobs.id, ${LEASE_OF_JOB(sql)} as lease, jobs.delivery, jobs.claims, jobs.claims_at_redrive, jobs.attempts,
        jobs.max_attempts, jobs.cancel_requested, jobs.last_error, jobs.queue, ${RUN_TIME(sql)} as ran
      from jobs
      where jobs.id = any(array(select id from requested))
        -- Means state = 'running'. Written so because the planner would otherwise prefer jobs_running.
        and jobs.lease_expires_at is not null
        and exists (
          select
          from requested
          where requested.id = jobs.id
            and requested.lease = ${LEASE_OF_JOB(sql)}
        )
      order by jobs.id
      for update of jobs skip locked
    )`;
}

/** The condition to join `requested` and `matched`. */
export function isMatch(sql: Sql) {
  return sql`matched.lease = requested.lease`;
}
