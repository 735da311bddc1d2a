import type { Sql } from '../../../database/database.js';
import { NOTHING } from '../../../database/driver/constant.js';
import { type LockTimeout, withinLockTimeout } from '../../../database/lock-timeout.js';
import type { ReadyJob } from './queue-position.js';

/** A job that was claimed this many times for each of its attempts, since its push or its last redrive, dies. */
const MAX_CLAIMS_PER_ATTEMPT = 10;
/** As long as the error of a failed run may be. */
const MAX_ERROR_CHARACTERS = 16_384;

/** A run that ended without success, for metrics. */
export interface EndedRun extends ReadyJob {
  state: 'ready' | 'scheduled' | 'dead' | 'gone';
  /** The seconds that it took; NaN where that is not known. */
  ran: number;
}

/**
 * The CTEs that move the jobs of runs that ended without success. Before them the statement has a CTE
 * `ended (id, attempts, max_attempts, claims, claims_at_redrive, cancel_requested, last_error, error, attempt_cost, retry, delay)`.
 * It has locked the rows, in the order of their ids if it waits for locks, and read all columns up to `last_error` from
 * the locked rows. The others are those of RunEnd (end-runs.ts).
 *
 * A retry without a `delay` comes after 2^attempts seconds with full jitter, at most `backoffMaxSeconds`.
 *
 * A job that dies waits for a transaction that inserts a dead job with its id, without `lockTimeout` until the
 * statement timeout. Statements for several jobs set it.
 *
 * - `cancelled`: deleted, because a cancel had been requested;
 * - `died`: moved to dead_jobs;
 * - `returned`: ready or scheduled again;
 * - `moved`: all of them.
 */
export function moveEnded(sql: Sql, backoffMaxSeconds: number, lockTimeout?: LockTimeout) {
  return sql`
    counted as (
      select
        id,
        coalesce(error, last_error) as error,
        attempts + attempt_cost as attempts,
        claims,
        cancel_requested,
        not retry or (attempt_cost > 0 and attempts + attempt_cost >= max_attempts) as is_over,
        -- A product could overflow.
        (claims - claims_at_redrive) / ${MAX_CLAIMS_PER_ATTEMPT}::integer >= max_attempts as is_worn,
        claims - claims_at_redrive as life,
        max_attempts,
        coalesce(
          delay,
          random() * least(power(2, least(attempts + attempt_cost, 40)), ${backoffMaxSeconds})
        ) as delay
      from ended
    ),
    decided as materialized (
      select
        id, attempts, claims,
        case when cancel_requested then 'cancel' when is_over or is_worn then 'die' else 'return' end as move,
        case
          when is_worn and not is_over
          then left(
            concat(
              'Given up: it was handed out ', life, ' times and never completed; its max_attempts is ', max_attempts, '.',
              ' Its last error: ' || error
            ),
            ${MAX_ERROR_CHARACTERS}
          )
          else error
        end as error,
        case when delay > 0 then clock_timestamp() + make_interval(secs => delay) end as run_at
      from counted
    ),
    cancelled as (
      delete from jobs
      where id = any(array(select id from decided where move = 'cancel'))
      returning id, queue, priority, seq
    ),
    dying as (
      delete from jobs
      using decided
      where jobs.id = any(array(select id from decided where move = 'die'))
        and jobs.id = decided.id
      returning
        jobs.id, jobs.seq, jobs.queue, jobs.job, jobs.priority, jobs.unique_key, jobs.queued_at, jobs.max_attempts,
        jobs.claims, jobs.lease_seconds, jobs.max_run_seconds, decided.attempts, decided.error
    ),
    died as (
      insert into dead_jobs (
        id, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, max_run_seconds, attempts,
        last_error
      )
      select
        id, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, max_run_seconds, attempts,
        error
      from dying
      ${lockTimeout ? sql`where ${withinLockTimeout(sql, lockTimeout)}` : NOTHING(sql)}
      order by id
      returning id, attempts
    ),
    returned as (
      update jobs
      set
        state = case when decided.run_at is null then 'ready' else 'scheduled' end,
        run_at = decided.run_at,
        ready_since = case when decided.run_at is null then clock_timestamp() end,
        claimed_at = null,
        attempts = decided.attempts,
        claims = decided.claims,
        last_error = decided.error,
        worker_id = null,
        lease_expires_at = null,
        lease_token = null,
        run_lease_seconds = null,
        run_ends_at = null,
        delivery = null,
        idempotency_key = null,
        slot = null
      from decided
      where jobs.id = any(array(select id from decided where move = 'return'))
        and jobs.id = decided.id
      returning jobs.id, jobs.queue, jobs.priority, jobs.seq, jobs.state, jobs.run_at, jobs.attempts
    ),
    moved as (
      select id, queue, priority, seq, state from returned
      union all
      select id, queue, priority, seq, 'dead' from dying
      union all
      select id, queue, priority, seq, 'gone' from cancelled
    )`;
}
