import type { Database, Sql } from '../../database/database.js';
import type { Lease } from './lease.js';

/** Where the job of a lease is, that is not held any more. */
export type LostState = 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';

/**
 * CTEs that begin statements about leases: `asked (n, id, claims)`, and `held`, the rows of which are
 * locked in the order of their ids, so that batches of several replicas cannot deadlock. A row is held only
 * if id, claims and state match: a late worker changes nothing. What a statement needs of the row it takes
 * from `held`: there it is as it was locked, in the table as it was when the statement began.
 */
export function heldLeases(sql: Sql, leases: Lease[]) {
  return sql`
    asked as materialized (
      select
        n,
        (${leases.map(({ id }) => id)}::uuid[])[n] as id,
        (${leases.map(({ claims }) => claims)}::integer[])[n] as claims
      from generate_series(1, ${leases.length}::integer) as n
    ),
    held as materialized (
      select
        jobs.id, jobs.claims, jobs.attempts, jobs.max_attempts, jobs.cancel_requested, jobs.last_error
      from jobs
      where jobs.id = any(array(select id from asked))
        -- Is running; said so, the index of all running jobs would seem the shorter way.
        and jobs.lease_expires_at is not null
        and exists (select from asked where asked.id = jobs.id and asked.claims = jobs.claims)
      order by jobs.id
      for update of jobs
    )`;
}

/**
 * Says for each lease where its job is, or null where it was held. It looks after the statement: within it,
 * the job of a lease that somebody else has just ended would still seem to run.
 */
export async function findLost<Row extends { held: boolean }>(
  db: Database,
  leases: Lease[],
  rows: Row[],
): Promise<(Row & { lost: LostState | null })[]> {
  const ids = leases.filter((_, at) => !rows[at]?.held).map(({ id }) => id);
  if (ids.length === 0) return rows.map((row) => ({ ...row, lost: null }));
  const found = await db.run(
    (sql) => sql<{ id: string; state: LostState }[]>`
      select id::text as id, state
      from jobs
      where id = any(${ids}::uuid[])
      union all
      select id::text as id, 'dead'
      from dead_jobs
      where id = any(${ids}::uuid[])`,
  );
  const states = new Map(found.map(({ id, state }) => [id, state]));
  return rows.map((row, at) => ({
    ...row,
    lost: row.held ? null : (states.get(leases[at]?.id ?? '') ?? 'gone'),
  }));
}
