import type { Fragment, Sql } from '../database/database.js';

/** How another repo pushes jobs within its own statement, so that either both are committed or neither. */
export interface Enqueuer {
  /**
   * An insert to be used as a CTE.
   *
   * @param jobs a query with one column, `job` of type json, in the order in which the jobs are to arrive
   * @param delaySeconds none of the jobs is ready before
   */
  insert(sql: Sql, queue: string, jobs: Fragment, delaySeconds?: number): Fragment;
  /** Wakes the pops that wait for this queue. To be called after the statement, with the number of its jobs. */
  pushed(queue: string, count: number, delaySeconds?: number): void;
}

/** Jobs get the defaults of the service, and are ready at once where there is no delay. */
export function createEnqueuer(queue: {
  options: { maxAttempts: number };
  pushed: (queue: string, count: number, delaySeconds: number) => void;
}): Enqueuer {
  return {
    insert: (sql, name, jobs, delaySeconds = 0) => sql`
      insert into jobs (queue, job, max_attempts, state, run_at)
      select
        ${name}::text,
        job,
        ${queue.options.maxAttempts}::integer,
        case when ${delaySeconds}::float8 > 0 then 'scheduled' else 'ready' end,
        case when ${delaySeconds}::float8 > 0 then clock_timestamp() + make_interval(secs => ${delaySeconds}::float8) end
      from (${jobs}) as enqueued_job`,
    pushed: (name, count, delaySeconds = 0) => queue.pushed(name, count, delaySeconds),
  };
}
