import type { Database } from '../../../database/database.js';
import { RUN_TIME } from './lease.js';
import { type EndedRun, moveEnded } from './move-ended.js';

/**
 * Takes back the jobs that a worker runs. The worker has crashed, so each run counts as an attempt. With `match` server
 * it also takes back the jobs of the workers `<worker_id>-<digits>`, as pict-rs names the workers of one server.
 */
export async function requeueRunning(
  db: Database,
  workerId: string,
  match: 'exact' | 'server',
  backoffMaxSeconds: number,
): Promise<EndedRun[]> {
  const prefix = `${workerId}-`;
  return db.run(
    (sql) => sql<EndedRun[]>`
      with ended as materialized (
        select
          id, attempts, max_attempts, claims, claims_at_redrive, cancel_requested, last_error,
          'The worker was started again while it ran the job.' as error,
          1 as attempt_cost,
          true as retry,
          0::float8 as delay,
          ${RUN_TIME(sql)} as ran
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
      select queue, priority, seq::text as seq, state, ran
      from moved
      join ended using (id)`,
    { idempotent: false },
  );
}
