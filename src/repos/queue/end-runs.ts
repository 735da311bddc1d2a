import type { Sql } from '../../database/database.js';

/** A job that was handed out this many times for each allowed attempt is dead, whatever its workers said. */
const CLAIMS_PER_ATTEMPT = 10;

/**
 * CTEs that end a run without success, for each row of the CTE `ended (id, attempts, max_attempts, claims,
 * cancel_requested, last_error, error, burnt, retry, delay)`, whose jobs must have been locked (in the order of
 * their ids, where others are waited for), and the first columns read from the locked row. `burnt` is 1 where the
 * run counts as an attempt, `retry` false sends the job to the dead, `delay` is in seconds: 0 is ready at once, null
 * is backoff: 2^attempts seconds with full jitter, at most `backoffMaxSeconds`.
 *
 * - `dropped`: removed, because a cancel had been asked for;
 * - `buried`: moved to dead_jobs;
 * - `returned`: ready or scheduled again.
 */
export function endRuns(sql: Sql, backoffMaxSeconds: number) {
  return sql`
    counted as (
      select
        id,
        coalesce(error, last_error) as error,
        attempts + burnt as attempts,
        claims,
        cancel_requested,
        not retry
          or (burnt > 0 and attempts + burnt >= max_attempts)
          -- A product could overflow.
          or claims / ${CLAIMS_PER_ATTEMPT}::integer >= max_attempts as is_over,
        coalesce(
          delay,
          random() * least(power(2, least(attempts + burnt, 40)), ${backoffMaxSeconds})
        ) as delay
      from ended
    ),
    judged as materialized (
      select
        id, error, attempts, claims,
        case when cancel_requested then 'drop' when is_over then 'bury' else 'return' end as fate,
        case when delay > 0 then clock_timestamp() + make_interval(secs => delay) end as run_at
      from counted
    ),
    dropped as (
      delete from jobs
      where id = any(array(select id from judged where fate = 'drop'))
      returning id
    ),
    dying as (
      delete from jobs
      using judged
      where jobs.id = any(array(select id from judged where fate = 'bury'))
        and jobs.id = judged.id
      returning
        jobs.id, jobs.queue, jobs.job, jobs.priority, jobs.unique_key, jobs.queued_at, jobs.max_attempts,
        jobs.claims, jobs.lease_seconds, judged.attempts, judged.error
    ),
    buried as (
      insert into dead_jobs (
        id, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, attempts, last_error
      )
      select
        id, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, attempts, error
      from dying
      order by id
      returning id, attempts
    ),
    returned as (
      update jobs
      set
        state = case when judged.run_at is null then 'ready' else 'scheduled' end,
        run_at = judged.run_at,
        attempts = judged.attempts,
        claims = judged.claims,
        last_error = judged.error,
        worker_id = null,
        lease_expires_at = null,
        lease_token = null,
        delivery = null,
        idempotency_key = null,
        slot = null
      from judged
      where jobs.id = any(array(select id from judged where fate = 'return'))
        and jobs.id = judged.id
      returning jobs.id, jobs.queue, jobs.priority, jobs.seq, jobs.state, jobs.run_at, jobs.attempts
    )`;
}

/** A job that is ready again: where a claim finds it. */
export interface ReadyAgain {
  queue: string;
  priority: number;
  /** As text: it may exceed what a number holds. */
  seq: string;
}
