import type { Database } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
import { lockKey } from '../../../database/schema-name.js';
import { RUN_TIME } from './lease.js';
import { type EndedRun, moveEnded } from './move-ended.js';
import { isSwept, MAX_SWEPT, type Sweep } from './sweep.js';
import { isWatched } from './watch-leases.js';

/** Any number of its own. The replica that has this advisory lock sweeps; the others find nothing to do. */
const LOCK = 7_311_908_226;

const HAS_EXPIRED = constant((sql) => sql`state = 'running' and lease_expires_at <= clock_timestamp()`);

/** If a run reaches its maximum length, its lease ends at the same moment (claim.ts, extend-leases.ts). */
const REASON = constant(
  (sql) => sql`
    case
      when lease_expires_at = run_ends_at then concat('The job ran longer than ', max_run_seconds, ' s (max_run_seconds).')
      else 'The lease ran out.'
    end`,
);

/**
 * Ends the runs of expired leases. They count as attempts, so that a job that kills its workers does not run for ever.
 * The lease is checked while its row is locked, so that a lease that was just extended is kept. The rows need no order,
 * because locked rows are skipped and never waited for.
 *
 * @param seenAt when this process last noted that leases can be extended (watch-leases.ts). If that was long ago, no lease ends.
 */
export function sweepExpiredLeases(
  db: Database,
  backoffMaxSeconds: number,
  seenAt: () => string | undefined,
): Sweep {
  return {
    pass: async (skipped, only) => {
      const rows = await db.run(
        (sql) => sql<EndedRun[]>`
          with leader as materialized (
            select pg_try_advisory_xact_lock(${lockKey(sql, LOCK)}) as won
          ),
          ended as materialized (
            select
              id, attempts, max_attempts, claims, claims_at_redrive, cancel_requested, last_error,
              ${REASON(sql)} as error, 1 as attempt_cost, true as retry, null::float8 as delay,
              ${RUN_TIME(sql)} as ran
            from jobs
            where ${HAS_EXPIRED(sql)}
              and ${isWatched(sql, seenAt())}
              and ${isSwept(sql, skipped, only)}
              and (select won from leader)
            limit ${MAX_SWEPT}
            for update skip locked
          ),
          ${moveEnded(sql, backoffMaxSeconds, only === undefined ? 'long' : 'short')}
          select queue, priority, seq::text as seq, state, ran
          from moved
          join ended using (id)`,
      );
      const ready = rows.filter(({ state }) => state === 'ready');
      return { ready, expired: rows, full: rows.length >= MAX_SWEPT };
    },

    candidates: async (skipped) => {
      const rows = await db.run(
        (sql) => sql<{ id: string }[]>`
          select id::text as id
          from jobs
          where ${HAS_EXPIRED(sql)}
            and ${isSwept(sql, skipped)}
          limit ${MAX_SWEPT}`,
      );
      return rows.map(({ id }) => id);
    },
  };
}
