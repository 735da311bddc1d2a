import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
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
          with ${heldLeases(sql, leases)},
          completed as (
            delete from jobs
            where id = any(array(select id from held))
          )
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
