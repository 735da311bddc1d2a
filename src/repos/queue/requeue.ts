import type { Database } from '../../database/database.js';
import { countFailures } from './failing.js';

/**
 * Takes back what a worker runs: it crashed, so the run counts as failed. With `match` server, also what
 * `<worker_id>-<digits>` run, the ids that pict-rs gives the workers of one server.
 *
 * @returns the queues whose jobs are ready again, one for each job
 */
export async function requeueRunning(
  db: Database,
  workerId: string,
  match: 'exact' | 'server',
  backoffMaxSeconds: number,
): Promise<string[]> {
  const rows = await db.run(
    (sql) => sql<{ queue: string }[]>`
      with failed as materialized (
        select id, 'The worker was started again while it ran the job.' as error, 'ready' as next
        from jobs
        where state = 'running'
          and (
            worker_id = ${workerId}
            or (
              ${match === 'server'}::boolean
              and starts_with(worker_id, ${`${workerId}-`}::text)
              and substr(worker_id, length(${`${workerId}-`}::text) + 1) ~ '^[0-9]+$'
            )
          )
        order by id
        for update
      ),
      ${countFailures(sql, backoffMaxSeconds)}
      select queue
      from retried`,
    { repeatable: false },
  );
  return rows.map(({ queue }) => queue);
}
