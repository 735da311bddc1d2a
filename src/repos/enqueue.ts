import type { Fragment, Sql } from '../database/database.js';

/**
 * Makes an insert of jobs, to be used as a CTE, from a query with one column `job` of type json, in the order in which
 * the jobs are pushed. Undefined if no jobs are wanted.
 */
export type InsertJobs = ((jobs: Fragment) => Fragment) | undefined;

/** Pushes jobs from a statement of another repo, so that both are committed or neither. */
export interface Enqueuer {
  /**
   * @param queue the queue for the jobs, if any are wanted
   * @param delaySeconds the time until the jobs are ready
   */
  into(sql: Sql, queue: string | null | undefined, delaySeconds?: number): InsertJobs;
  /** Wakes the pops that wait for this queue. Call it after the statement, with the number of its jobs. */
  pushed(queue: string, count: number, delaySeconds?: number): void;
}

/** Makes an Enqueuer. Jobs get the defaults of the service, and are ready at once without a delay. */
export function createEnqueuer(queue: {
  options: { maxAttempts: number };
  pushed: (queue: string, count: number, delaySeconds: number) => void;
}): Enqueuer {
  return {
    into: (sql, name, delaySeconds = 0) =>
      typeof name !== 'string'
        ? undefined
        : (jobs) => sql`
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
