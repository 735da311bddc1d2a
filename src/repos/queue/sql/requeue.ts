import type { Database } from '../../../database/database.js';
import { moveEnded } from './end-runs.js';
import type { ReadyJob } from './queue-position.js';

/**
 * Takes back the jobs that a worker runs. The worker has crashed, so each run counts as an attempt. With `match` server
 * it also takes back the jobs of the workers `<worker_id>-<digits>`, as pict-rs names the workers of one server.
 */
export function requeueRunning(
  db: Database,
  workerId: string,
  match: 'exact' | 'server',
  backoffMaxSeconds: number,
): Promise<ReadyJob[]> {
  const prefix = `${workerId}-`;
  return db.run(
    (sql) => sql<ReadyJob[]>`
      with ended as materialized (
        select
          id, attempts, max_attempts, claims, cancel_requested, last_error,
          'The worker was started again while it ran the job.' as error,
          1 as attempt_cost,
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
      ${moveEnded(sql, backoffMaxSeconds)}
      select queue, priority, seq::text as seq
      from returned`,
    { idempotent: false },
  );
}
