import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import { heldLeases, type LostState, lostState } from './held.js';
import type { Lease } from './lease.js';

export interface Completed {
  /** Null where the job is completed now. */
  lost: LostState | null;
}

/** Completed jobs are deleted: the table holds live jobs only. */
export function completions(db: Database) {
  return new Coalescer<Lease, Completed>({
    run: (leases) =>
      db.run(
        (sql) => sql<Completed[]>`
          with ${heldLeases(sql, leases)},
          completed as (
            delete from jobs
            where id = any(array(select id from held))
          )
          select ${lostState(sql)} as lost
          from asked
          order by n`,
        { repeatable: false },
      ),
  });
}
