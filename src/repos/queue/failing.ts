import type { Sql } from '../../database/database.js';

/** A job that was handed out this many times for each allowed attempt is dead, whatever its workers said. */
const CLAIMS_PER_ATTEMPT = 10;

/**
 * CTEs that count a failed run for each row of the CTE `failed (id, error, next)`, which must have locked its
 * jobs in the order of their ids:
 *
 * - `buried`: moved to dead_jobs, at the limit of attempts or claims;
 * - `dropped`: removed, because a cancel had been asked for;
 * - `retried`: ready at once where `next` is 'ready', else scheduled with backoff: 2^attempts seconds with
 *   full jitter, at most `backoffMaxSeconds`.
 */
export function countFailures(sql: Sql, backoffMaxSeconds: number) {
  return sql`
    judged as materialized (
      select
        failed.id,
        failed.next,
        coalesce(failed.error, jobs.last_error) as error,
        jobs.attempts + 1 as attempts,
        jobs.cancel_requested as drop,
        jobs.attempts + 1 >= jobs.max_attempts or jobs.claims >= ${CLAIMS_PER_ATTEMPT} * jobs.max_attempts as bury,
        clock_timestamp() + make_interval(
          secs => random() * least(power(2, least(jobs.attempts + 1, 40)), ${backoffMaxSeconds})
        ) as run_at
      from failed
      join jobs using (id)
    ),
    dropped as (
      delete from jobs
      where id = any(array(select id from judged where drop))
      returning id
    ),
    dying as (
      delete from jobs
      using judged
      where jobs.id = any(array(select id from judged where bury and not drop))
        and jobs.id = judged.id
      returning jobs.id, jobs.queue, jobs.job, jobs.priority, jobs.unique_key, jobs.queued_at, judged.attempts,
        jobs.max_attempts, jobs.claims, jobs.lease_seconds, judged.error
    ),
    buried as (
      insert into dead_jobs (
        id, queue, job, priority, unique_key, queued_at, attempts, max_attempts, claims, lease_seconds, last_error
      )
      select
        id, queue, job, priority, unique_key, queued_at, attempts, max_attempts, claims, lease_seconds, error
      from dying
      order by id
      returning id
    ),
    retried as (
      update jobs
      set
        state = case when judged.next = 'ready' then 'ready' else 'scheduled' end,
        run_at = case when judged.next = 'ready' then null else judged.run_at end,
        attempts = judged.attempts,
        last_error = judged.error,
        worker_id = null,
        lease_expires_at = null,
        idempotency_key = null,
        slot = null
      from judged
      where jobs.id = any(array(select id from judged where not bury and not drop))
        and jobs.id = judged.id
      returning jobs.id, jobs.queue, jobs.state
    )`;
}
