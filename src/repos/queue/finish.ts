import { Coalescer } from '../../database/coalescer.js';
import type { Database, Sql } from '../../database/database.js';
import type { Lease } from './lease.js';

/** Where the job of a lease is, that is not held any more. */
export type LostState = 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';

/** `done` where the lease was held; else where its job is now. */
export type Finished = 'done' | LostState;

/** The leases as columns for `unnest`. */
function columns(leases: Lease[]): [ids: string[], claims: number[]] {
  return [leases.map(({ id }) => id), leases.map(({ claims }) => claims)];
}

/**
 * Ends leases with one statement for many. `finish` says in SQL what happens to the rows of the CTE `held`,
 * which are locked in the order of their ids, and match id, claims and state: a late worker changes nothing.
 */
async function finish(
  db: Database,
  leases: Lease[],
  statement: (sql: Sql) => ReturnType<Sql>,
): Promise<Finished[]> {
  const [ids, claims] = columns(leases);
  const rows = await db.run(
    (sql) => sql<{ outcome: Finished }[]>`
      with asked as materialized (
        select n, id, claims
        from unnest(${ids}::text[]::uuid[], ${claims}::integer[]) with ordinality as lease (id, claims, n)
      ),
      held as materialized (
        select jobs.id, jobs.claims
        from asked
        join jobs on jobs.id = asked.id and jobs.claims = asked.claims
        where jobs.state = 'running'
        order by jobs.id
        for update of jobs
      ),
      finished as (${statement(sql)})
      select
        case
          when exists (select from held where held.id = asked.id and held.claims = asked.claims) then 'done'
          when jobs.id is not null then jobs.state
          when exists (select from dead_jobs where dead_jobs.id = asked.id) then 'dead'
          else 'gone'
        end as outcome
      from asked
      left join jobs on jobs.id = asked.id
      order by asked.n`,
    { repeatable: false },
  );
  return rows.map(({ outcome }) => outcome);
}

/** Completed jobs are deleted: the table holds live jobs only. */
export function completions(db: Database) {
  return new Coalescer<Lease, Finished>({
    run: (leases) =>
      finish(db, leases, (sql) => sql`delete from jobs where id = any(array(select id from held))`),
  });
}

/** Jobs that were handed out and never reached their worker: ready again, no attempt burnt. */
export function releases(db: Database) {
  return new Coalescer<Lease, Finished>({
    run: (leases) =>
      finish(
        db,
        leases,
        (sql) => sql`
          update jobs
          set state = 'ready', worker_id = null, lease_expires_at = null, idempotency_key = null, slot = null
          where id = any(array(select id from held))`,
      ),
  });
}
