import type { Fragment, Sql } from '../database/database.js';

/** How another repo pushes jobs within its own statement, so that either both are committed or neither. */
export interface Enqueuer {
  /**
   * An insert to be used as a CTE.
   *
   * @param jobs a query with one column, `job` of type json, in the order in which the jobs are to arrive
   */
  insert(sql: Sql, queue: string, jobs: Fragment): Fragment;
  /** Wakes the pops that wait for this queue. To be called after the statement, with the number of its jobs. */
  pushed(queue: string, count: number): void;
}

/** Jobs get the defaults of the service and are ready at once. */
export function createEnqueuer(queue: {
  options: { maxAttempts: number };
  pushed: (queue: string, count: number) => void;
}): Enqueuer {
  return {
    insert: (sql, name, jobs) => sql`
      insert into jobs (queue, job, max_attempts)
      select ${name}::text, job, ${queue.options.maxAttempts}::integer
      from (${jobs}) as enqueued_job`,
    pushed: queue.pushed,
  };
}
