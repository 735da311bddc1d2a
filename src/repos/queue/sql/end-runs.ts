import { column } from '../../../database/column.js';
import type { Database } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
import type { LockTimeout } from '../../../database/lock-timeout.js';
import { utcText } from '../../time-text.js';
import { findLost, type LeaseResult } from './lost-leases.js';
import { isMatch, type LeaseRequest, matchLeases } from './match-leases.js';
import { type EndedRun, moveEnded } from './move-ended.js';

/** A run that ends without success. */
export interface RunEnd extends LeaseRequest {
  error: string | undefined;
  /** 1 if the run counts as an attempt. */
  attempt_cost: 0 | 1;
  /** False sends the job to the dead. */
  retry: boolean;
  /** Seconds until the next run: 0 is ready at once, undefined is backoff. */
  delay: number | undefined;
}

/** The job is ready again at once, and no attempt is counted. */
export const GIVEN_BACK = { error: undefined, attempt_cost: 0, retry: true, delay: 0 } as const;

interface EndedRow extends Omit<EndedRun, 'state'> {
  matched: boolean;
  /** Where the job is now: gone where a cancel had been requested, running where another delivery of it is left. */
  state: 'ready' | 'scheduled' | 'dead' | 'gone' | 'running';
  attempts: number | null;
  run_at: string | null;
}

export type Ended = EndedRow & LeaseResult;

const RUN_AT = constant((sql) => utcText(sql, 'returned.run_at'));

/** Ends the runs of leases: fail, release, and jobs that did not reach their worker. */
export async function endRuns(
  db: Database,
  runs: RunEnd[],
  options: { backoffMaxSeconds: number; lockTimeout: LockTimeout },
): Promise<Ended[]> {
  const rows = await db.run(
    (sql) => sql<EndedRow[]>`
      with ${matchLeases(sql, runs)},
      -- A delivery is given back, but other deliveries of the same lease are left.
      kept as materialized (
        select matched.id, requested.delivery
        from matched
        join requested on ${isMatch(sql)}
        where requested.delivery is not null
          and requested.delivery is distinct from matched.delivery
      ),
      given_back as (
        update jobs
        set delivery = jobs.delivery # kept.delivery
        from kept
        where jobs.id = any(array(select id from kept))
          and jobs.id = kept.id
      ),
      ended as materialized (
        select
          matched.id, matched.attempts, matched.max_attempts, matched.claims - run.undelivered as claims,
          matched.claims_at_redrive, matched.cancel_requested,
          matched.last_error, nullif(run.error, '') as error, run.attempt_cost, run.retry, nullif(run.delay, -1) as delay
        from matched
        join requested on ${isMatch(sql)}
        join unnest(
          ${column(runs, ({ error }) => error, '')}::text[],
          ${runs.map(({ attempt_cost }) => attempt_cost)}::integer[],
          ${runs.map(countUndelivered)}::integer[],
          ${runs.map(({ retry }) => String(retry))}::text[]::boolean[],
          ${column(runs, ({ delay }) => delay, -1)}::float8[]
        ) with ordinality as run (error, attempt_cost, undelivered, retry, delay, n) using (n)
        where not exists (select from kept where kept.id = matched.id)
      ),
      ${moveEnded(sql, options.backoffMaxSeconds, options.lockTimeout)}
      select
        matched.id is not null as matched,
        case
          when kept.id is not null then 'running'
          when died.id is not null then 'dead'
          else coalesce(returned.state, 'gone')
        end as state,
        coalesce(returned.attempts, died.attempts) as attempts,
        ${RUN_AT(sql)},
        matched.queue,
        matched.ran,
        returned.priority,
        returned.seq::text as seq
      from requested
      left join matched on ${isMatch(sql)}
      left join kept on kept.id = matched.id
      left join returned on returned.id = matched.id
      left join died on died.id = matched.id
      order by n`,
    { idempotent: false },
  );
  const ended = await findLost(db, runs, rows);
  // If the job runs on for another delivery, the lease stays, and the answer says that it was not ended.
  return ended.map((row) => (row.matched && row.state === 'running' ? { ...row, lost: 'running' } : row));
}

/**
 * How many claims to take back: a claim that reached no worker does not count, or a few of them would make the job dead.
 * If the lease has no token, the claim counts, because only the count makes such leases differ.
 */
function countUndelivered({ delivery, token }: RunEnd): number {
  return delivery !== undefined && token !== null ? 1 : 0;
}
