import type { Sql } from '../../database/database.js';
import type { Lease } from './lease.js';

/** Where the job of a lease is, that is not held any more. */
export type LostState = 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';

/**
 * CTEs that begin every statement about leases: `asked (n, id, claims)`, and `held (id, claims)`, the rows of
 * which are locked in the order of their ids, so that batches of several replicas cannot deadlock. A row is
 * held only if id, claims and state match: a late worker changes nothing.
 */
export function heldLeases(sql: Sql, leases: Lease[]) {
  return sql`
    asked as materialized (
      select n, id, claims
      from unnest(
        ${leases.map(({ id }) => id)}::text[]::uuid[],
        ${leases.map(({ claims }) => claims)}::integer[]
      ) with ordinality as lease (id, claims, n)
    ),
    held as materialized (
      select jobs.id, jobs.claims
      from asked
      join jobs on jobs.id = asked.id and jobs.claims = asked.claims
      where jobs.state = 'running'
      order by jobs.id
      for update of jobs
    )`;
}

/** An expression over `asked`: null where the lease was held, else where its job is. */
export function lostState(sql: Sql) {
  return sql`
    case
      when exists (select from held where held.id = asked.id and held.claims = asked.claims) then null
      else coalesce(
        (select jobs.state from jobs where jobs.id = asked.id),
        (select 'dead' from dead_jobs where dead_jobs.id = asked.id),
        'gone'
      )
    end`;
}
