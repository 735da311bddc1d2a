import type { Database } from '../../database/database.js';
import { endRuns, type ReadyAgain } from './end-runs.js';

/**
 * Takes back what a worker runs: it crashed, so the run counts as failed. With `match` server, also what
 * `<worker_id>-<digits>` run, the ids that pict-rs gives the workers of one server.
 */
export function requeueRunning(
  db: Database,
  workerId: string,
  match: 'exact' | 'server',
  backoffMaxSeconds: number,
): Promise<ReadyAgain[]> {
  const prefix = `${workerId}-`;
  return db.run(
    (sql) => sql<ReadyAgain[]>`
      with ended as materialized (
        select
          id, attempts, max_attempts, claims, cancel_requested, last_error,
          'The worker was started again while it ran the job.' as error,
          1 as burnt,
          true as retry,
          0::float8 as delay
        from jobs
        where state = 'running'
          and (
            worker_id = ${workerId}
            or (
              ${match === 'server'}::boolean
              and starts_with(worker_id, ${prefix}::text)
              and substr(worker_id, length(${prefix}::text) + 1) ~ '^[0-9]+$'
            )
          )
        order by id
        for update
      ),
      ${endRuns(sql, backoffMaxSeconds)}
      select queue, priority, seq::text as seq
      from returned`,
    { idempotent: false },
  );
}
