import type { Database } from '../../../database/database.js';
import { utcTextOf } from '../../time-text.js';
import { LAST_SIGN } from './job-row.js';

/** A worker that runs jobs. */
export interface Worker {
  worker_id: string;
  running: number;
  /** In the order of their names; the first MAX_QUEUES of them. */
  queues: string[];
  /** When its oldest run began; null if a version before this one handed out the jobs. */
  running_since: string | null;
  last_heartbeat_at: string | null;
  /** When the first of its leases ends. */
  lease_expires_at: string;
}

export interface WorkerFilter {
  /** The only one. */
  worker?: string;
  /** Those with jobs of this queue; only these jobs are counted. */
  queue?: string | undefined;
  /** Those whose id has this part; the case of ASCII letters does not matter. */
  search?: string | undefined;
  after?: string | undefined;
}

/** How many queues of a worker are named. */
const MAX_QUEUES = 20;

/**
 * Workers that run jobs, in the order of their ids, by the index of running jobs. Only the rows of the page are read.
 */
export function listWorkers(
  db: Database,
  { worker, queue, search, after }: WorkerFilter,
  limit: number,
  signal?: AbortSignal,
): Promise<Worker[]> {
  return db.run(
    (sql) => {
      const of =
        worker === undefined ? sql`worker_id > ${after ?? ''}::text` : sql`worker_id = ${worker}::text`;
      const ofQueue = queue === undefined ? sql`true` : sql`queue = ${queue}::text`;
      const named =
        search === undefined
          ? sql`true`
          : sql`strpos(lower(worker_id collate "C"), lower(${search}::text collate "C")) > 0`;
      return sql<Worker[]>`
        select
          worker_id,
          count(*)::integer as running,
          to_json((array_agg(distinct queue))[:${MAX_QUEUES}::integer]) as queues,
          ${utcTextOf(sql, sql`min(claimed_at)`)} as running_since,
          ${utcTextOf(sql, sql`max(${LAST_SIGN(sql)})`)} as last_heartbeat_at,
          ${utcTextOf(sql, sql`min(lease_expires_at)`)} as lease_expires_at
        from jobs
        where state = 'running'
          and ${of}
          and ${ofQueue}
          and ${named}
        group by worker_id
        order by worker_id
        limit ${limit}`;
    },
    { class: 'bulk', signal },
  );
}
