import { Coalescer } from '../../database/coalescer.js';
import { constant, NOTHING } from '../../database/constant.js';
import type { Database, Sql } from '../../database/database.js';
import { findLost, heldLeases, type LostState } from './held.js';
import type { Lease } from './lease.js';

/** Null where the job is completed now. */
export interface Completed {
  lost: LostState | null;
}

/** Completed jobs are deleted: the table holds live jobs only. */
export function completions(db: Database) {
  return new Coalescer<Lease, Completed>({
    run: async (leases) => {
      const rows = await db.run(
        (sql) => sql<{ held: boolean }[]>`
          with ${heldLeases(sql, leases, COMPLETED(sql))}
          select held.id is not null as held
          from asked
          left join held using (id, claims)
          order by n`,
        { repeatable: false },
      );
      return findLost(db, leases, rows);
    },
  });
}

/** After the CTEs of heldLeases: the jobs of those that are held. */
const COMPLETED = constant(
  (sql) => sql`,
    completed as (
      delete from jobs
      where id = any(array(select id from held))
      returning id
    )`,
);
const COMPLETED_FIRST = constant((sql) => sql`${COMPLETED(sql)},`);
const ALWAYS = constant((sql) => sql`true`);
const NO_HELD = constant((sql) => sql`null`);
const IS_DONE = constant((sql) => sql`(select count(*) from completed) >= 0`);
const SPARED = constant((sql) => sql`not exists (select from completed where completed.id = jobs.id)`);
const HELD = constant(
  (sql) => sql`(
    select string_agg(case when held.id is null then '0' else '1' end, '' order by n)
    from asked
    left join held using (id, claims)
  )`,
);

/** The parts of a claim that completes leases in its commit. */
export function completeInClaim(sql: Sql, leases: Lease[]) {
  if (leases.length === 0) {
    return { ctes: NOTHING(sql), isFirst: ALWAYS(sql), spared: ALWAYS(sql), held: NO_HELD(sql) };
  }
  return {
    ctes: heldLeases(sql, leases, COMPLETED_FIRST(sql)),
    /** A condition that is met when all of them are deleted: the keys of their workers are free again then. */
    isFirst: IS_DONE(sql),
    /** Jobs that it leaves. */
    spared: SPARED(sql),
    /** A 1 for each lease that was held, else a 0, in their order. */
    held: HELD(sql),
  };
}
