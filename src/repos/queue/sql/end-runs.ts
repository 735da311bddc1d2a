import { column } from '../../../database/column.js';
import type { Database, Sql } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
import { utcText } from '../../keyset.js';
import { findLost, type LeaseResult } from './lost-leases.js';
import { isMatch, type LeaseRequest, matchLeases } from './match-leases.js';
import type { ReadyJob } from './queue-position.js';

/** A job that was claimed this many times for each of its attempts since it was redriven last dies, whatever its workers said. */
const MAX_CLAIMS_PER_ATTEMPT = 10;
/** As long as the error of a failed run may be. */
const MAX_ERROR_CHARACTERS = 16_384;

/** A run that ends without success. */
export interface RunEnd extends LeaseRequest {
  error: string | undefined;
  /** 1 where the run counts as an attempt. */
  attempt_cost: 0 | 1;
  /** False sends the job to the dead. */
  retry: boolean;
  /** Seconds until the next run: 0 is ready at once, undefined is backoff. */
  delay: number | undefined;
}

/** A run that ended without success, for metrics. */
export interface EndedRun extends ReadyJob {
  state: 'ready' | 'scheduled' | 'dead' | 'gone';
  /** The seconds that it took; NaN where that is not known. */
  ran: number;
}

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
  options: { backoffMaxSeconds: number },
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
      ${moveEnded(sql, options.backoffMaxSeconds)}
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
  // Where the job runs on for another delivery, its lease is not to be ended by this one.
  return ended.map((row) => (row.matched && row.state === 'running' ? { ...row, lost: 'running' } : row));
}

/**
 * A claim that reached no worker does not count, or a job would die of some of them. Where leases have no token it counts,
 * because only the count makes them differ.
 */
function countUndelivered({ delivery, token }: RunEnd): number {
  return delivery !== undefined && token !== null ? 1 : 0;
}

/**
 * The CTEs that move jobs whose run ended without success. They follow a CTE `ended (id, attempts, max_attempts, claims,
 * claims_at_redrive, cancel_requested, last_error, error, attempt_cost, retry, delay)`, which has locked the rows, in the
 * order of their ids where it waits for locks, and read its first columns from the locked rows. The last columns are those
 * of RunEnd.
 * Backoff is 2^attempts seconds with full jitter, at most `backoffMaxSeconds`.
 *
 * - `cancelled`: deleted, because a cancel had been requested;
 * - `died`: moved to dead_jobs;
 * - `returned`: ready or scheduled again;
 * - `moved`: all of them.
 */
export function moveEnded(sql: Sql, backoffMaxSeconds: number) {
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
              'Given up: it was handed out ', life, ' times for ', max_attempts, ' attempts, and never completed.',
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
