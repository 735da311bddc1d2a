import type { Database } from '../../database/database.js';
import { notFound, Problem } from '../../problems.js';
import { cursorOfOtherList } from '../cursor.js';
import { readSearchCursor, toSearchCursor } from './search-cursor.js';
import { type CompletedJob, findCompleted, listCompleted } from './sql/completed-jobs.js';
import { findJob } from './sql/find-job.js';
import type { JobFilter } from './sql/job-filter.js';
import type { JobRow, ListedState } from './sql/job-row.js';
import { listJobs } from './sql/list-jobs.js';
import { listWorkers, type Worker, type WorkerFilter } from './sql/list-workers.js';
import { type Place, partsOf } from './sql/scan-jobs.js';
import { searchJobs } from './sql/search-jobs.js';

export interface ListRange {
  after?: string | undefined;
  limit?: number | undefined;
}

export interface ListFilter extends Omit<JobFilter, 'state'> {
  state?: ListedState | undefined;
}

export interface JobPage {
  jobs: (JobRow | CompletedJob)[];
  next: string | undefined;
}

/** A worker, without the members that are unknown. */
type KnownWorker = Pick<Worker, 'worker_id' | 'running' | 'queues'> &
  Partial<Record<'running_since' | 'last_heartbeat_at' | 'lease_expires_at', string>>;

export type WorkerPage = KnownWorker & JobPage;

const DEFAULT_LIMIT = 100;
const ONLY_DEAD = 'must come with state=dead';
/** The cursor of a list in the order of arrival. The cursor of a search is a place (search-cursor.ts). */
const NUMBER = /^\d+$/;

/**
 * What people look for: jobs by their ids or properties, and workers.
 *
 * @param retentionMinutes how long completed jobs are kept; 0 does not keep them
 */
export function createSearches(db: Database, retentionMinutes: number) {
  async function find(
    { state, ...rest }: ListFilter,
    { after, limit = DEFAULT_LIMIT }: ListRange,
    signal?: AbortSignal,
  ): Promise<JobPage> {
    if (state === 'completed') {
      if (after !== undefined && !NUMBER.test(after)) throw cursorOfOtherList('after');
      if (retentionMinutes === 0) return { jobs: [], next: undefined };
      return await listCompleted(db, rest, { after, limit, retentionMinutes }, signal);
    }
    const filter: JobFilter = { ...rest, state };
    const place = after === undefined ? undefined : readSearchCursor(after);
    if (after !== undefined && !(place && isPlaceOf(filter, place))) throw cursorOfOtherList('after');
    const { items, next } = await searchJobs(db, filter, place, limit, signal);
    return { jobs: items, next: next && toSearchCursor(next) };
  }

  return {
    find,

    /** Without a filter, jobs are listed in the order of arrival, and `after` is a number. */
    async ofQueue(
      filter: ListFilter & { queue: string },
      range: ListRange,
      signal?: AbortSignal,
    ): Promise<JobPage> {
      const { queue, state, worker, unique_key, error, payload, order } = filter;
      const { after = '0', limit = DEFAULT_LIMIT } = range;
      if (order !== undefined && state !== 'dead')
        throw new Problem('invalid_request', `/query/order ${ONLY_DEAD}.`, {
          errors: [{ path: '/query/order', reason: ONLY_DEAD }],
        });
      const isFiltered = [worker, unique_key, error, payload, order].some((value) => value !== undefined);
      if (isFiltered || state === 'completed' || !NUMBER.test(after))
        return await find(filter, range, signal);
      return await listJobs(db, queue, state, after, limit, signal);
    },

    /** A live or dead job, or the job that was completed last with this id. */
    async job(id: string): Promise<JobRow | CompletedJob> {
      const live = await findJob(db, id);
      const job = live ?? (retentionMinutes > 0 && (await findCompleted(db, id, retentionMinutes)));
      if (!job)
        throw notFound('job_not_found', `There is no job ${id}: completed, cancelled, or never pushed.`);
      return job;
    },

    async workers(filter: WorkerFilter, limit = DEFAULT_LIMIT, signal?: AbortSignal) {
      const found = await listWorkers(db, filter, limit + 1, signal);
      const workers = found.slice(0, limit).map(known);
      const last = workers.at(-1);
      return { workers, ...(found.length > limit && last && { next: last.worker_id }) };
    },

    /** A worker that runs nothing has no jobs: the service does not know whether there is such a worker. */
    async worker(workerId: string, range: ListRange, signal?: AbortSignal): Promise<WorkerPage> {
      const [[worker], page] = await Promise.all([
        listWorkers(db, { worker: workerId }, 1, signal),
        find({ worker: workerId, state: 'running' }, range, signal),
      ]);
      return { ...(worker ? known(worker) : { worker_id: workerId, running: 0, queues: [] }), ...page };
    },
  };
}

/** Whether a search with this filter comes to the place. */
function isPlaceOf(filter: JobFilter, { part, queue }: Place): boolean {
  return partsOf(filter).includes(part) && (filter.queue === undefined || filter.queue === queue);
}

function known({ running_since, last_heartbeat_at, lease_expires_at, ...worker }: Worker): KnownWorker {
  return {
    ...worker,
    ...(running_since !== null && { running_since }),
    ...(last_heartbeat_at !== null && { last_heartbeat_at }),
    lease_expires_at,
  };
}
