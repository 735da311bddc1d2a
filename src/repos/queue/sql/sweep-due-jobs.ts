import type { Database } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
import { lockKey } from '../../../database/schema-name.js';
import type { ReadyJob } from './queue-position.js';
import { isSwept, MAX_SWEPT, type Sweep } from './sweep.js';

/** Any number of its own. The replica that has this advisory lock sweeps; the others find nothing to do. */
const LOCK = 7_311_908_225;

// now(), because clock_timestamp() is volatile and would be called for every row.
const IS_DUE = constant((sql) => sql`state = 'scheduled' and run_at <= now()`);

/** Makes scheduled jobs ready when their time has come. */
export function sweepDueJobs(db: Database): Sweep {
  return {
    pass: async (skipped, only) => {
      const ready = await db.run(
        (sql) => sql<ReadyJob[]>`
          with leader as materialized (
            select pg_try_advisory_xact_lock(${lockKey(sql, LOCK)}) as won
          ),
          due as materialized (
            select id
            from jobs
            where ${IS_DUE(sql)}
              and ${isSwept(sql, skipped, only)}
              and (select won from leader)
            order by run_at
            limit ${MAX_SWEPT}
            for update skip locked
          )
          update jobs
          -- Ready since it was due, also where nobody could look for a while.
          set state = 'ready', ready_since = greatest(run_at, queued_at), run_at = null
          where id = any(array(select id from due))
          returning queue, priority, seq::text as seq`,
      );
      return { ready, full: ready.length >= MAX_SWEPT };
    },

    candidates: async (skipped) => {
      const rows = await db.run(
        (sql) => sql<{ id: string }[]>`
          select id::text as id
          from jobs
          where ${IS_DUE(sql)}
            and ${isSwept(sql, skipped)}
          order by run_at
          limit ${MAX_SWEPT}`,
      );
      return rows.map(({ id }) => id);
    },
  };
}
