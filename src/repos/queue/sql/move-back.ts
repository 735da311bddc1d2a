import { constant } from '../../../database/driver/constant.js';

/** The columns that the CTE `dead` has, before those of MOVE_BACK. */
export const DEAD_COLUMNS = constant(
  (sql) => sql`
    id, seq, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, max_run_seconds,
    last_error`,
);

/**
 * The CTEs that make dead jobs ready again, with no attempts counted. Their count of claims goes on, so that no earlier
 * lease matches. `claims_at_redrive` notes the count at this moment, because only later claims count towards the
 * maximum. A job stays dead if another job has its unique key.
 *
 * Before them the statement has the CTE `dead`, with the rows of dead_jobs locked. `back (id, queue, priority, seq)`
 * has the jobs that are ready again.
 */
export const MOVE_BACK = constant(
  (sql) => sql`
    back as (
      insert into jobs (
        id, queue, job, priority, unique_key, queued_at, ready_since, max_attempts, claims, claims_at_redrive,
        lease_seconds, max_run_seconds, last_error
      )
      select
        id, queue, job, priority, unique_key, queued_at, clock_timestamp(), max_attempts, claims, claims,
        lease_seconds, max_run_seconds, last_error
      from dead
      order by queue, unique_key nulls first, id
      on conflict do nothing
      returning id, queue, priority, seq
    ),
    deleted as (
      delete from dead_jobs
      where id = any(array(select id from back))
    )`,
);
