import type { Database } from '../../../database/database.js';
import { moveEnded } from './end-runs.js';
import type { ReadyJob } from './queue-position.js';

export interface TakenBack {
  ready: ReadyJob[];
  /** How many are dead now: their attempts are used up. */
  dead: number;
  /** How many are gone, because a cancel had been requested. */
  gone: number;
}

/**
 * Takes back the jobs that a worker runs. The worker has crashed, so each run counts as an attempt. With `match` server
 * it also takes back the jobs of the workers `<worker_id>-<digits>`, as pict-rs names the workers of one server.
 */
export async function requeueRunning(
  db: Database,
  workerId: string,
  match: 'exact' | 'server',
  backoffMaxSeconds: number,
): Promise<TakenBack> {
  const prefix = `${workerId}-`;
  const [row] = await db.run(
    (sql) => sql<TakenBack[]>`
      with ended as materialized (
        select
          id, attempts, max_attempts, claims, claims_at_redrive, cancel_requested, last_error,
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
      select
        (
          select coalesce(json_agg(json_build_object('queue', queue, 'priority', priority, 'seq', seq::text)), '[]')
          from returned
        ) as ready,
        (select count(*) from died)::integer as dead,
        (select count(*) from cancelled)::integer as gone`,
    { idempotent: false },
  );
  return row ?? { ready: [], dead: 0, gone: 0 };
}
