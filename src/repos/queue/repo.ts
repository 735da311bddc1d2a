import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import type { DispatchedPop } from './dispatch/dispatcher.js';
import { callForOneOfSeveral } from './dispatch/lease-calls.js';
import type { Pushed } from './dispatch/pushes.js';
import type { QueueEngine } from './engine.js';
import type { SharedFigures } from './figures.js';
import type { History } from './history.js';
import { type Choice, createJobActions } from './job-actions.js';
import { type Completion, completion, extensionResult, leaseLost } from './lease-outcomes.js';
import { observeEnded } from './observer.js';
import { type ListQuery, QueueList } from './queue-list.js';
import { createSearches, type ListFilter, type ListRange } from './searches.js';
import { cancelJob } from './sql/cancel-job.js';
import type { ClaimedJob } from './sql/claim.js';
import { listDeadErrors } from './sql/dead-errors.js';
import { GIVEN_BACK } from './sql/end-runs.js';
import type { NewJob } from './sql/job-to-insert.js';
import type { DoneLease } from './sql/keep-completed.js';
import { formatLease, parseLease } from './sql/lease.js';
import type { WorkerFilter } from './sql/list-workers.js';
import { arePaused, pauseQueue, resumeQueue } from './sql/pause.js';
import { purgeQueue } from './sql/purge.js';
import { redriveQueue } from './sql/redrive.js';
import { requeueRunning } from './sql/requeue.js';

export interface PopOptions {
  worker_id: string;
  max?: number;
  wait_seconds?: number;
  lease_seconds?: number;
  idempotency_key?: string;
  /** Leases of jobs that the worker has done. They are completed with the claim, or without it where that fails. */
  completed?: DoneLease[];
}

export interface Popped {
  jobs: ClaimedJob[];
  completed: Completion[];
  /** Set where leases were completed, but the claim failed or the queue is paused. */
  retry_after_seconds?: number;
}

/** Shared by all pops that bring none. */
const NO_LEASES: DoneLease[] = [];

/** QueueRepo of pict-rs, for workers in any language (docs/queue.md). */
export function queueRepo(db: Database, engine: QueueEngine, figures: SharedFigures, history: History) {
  const { options, dispatcher, pushes, completions, extensions, runs, announcer, observer } = engine;
  const list = new QueueList({ figures, dispatcher, history });
  const searches = createSearches(db, options.completedRetentionMinutes);
  const act = createJobActions({ db, observer, onReady: (jobs) => announcer.ready(jobs) });
  // Thousands of polls may end at once.
  const pauses = new Coalescer<string, boolean>({ run: (queues) => arePaused(db, queues) });

  async function answerPop(queue: string, leases: string[], popped: DispatchedPop): Promise<Popped> {
    const { jobs, failure, isGone } = popped;
    const completed = popped.completed.map((end, at) => completion(leases[at] ?? '', end));
    if (failure !== undefined) {
      engine.report(failure, 'a claim failed, but the completions of its pops were committed');
      return { jobs, completed, retry_after_seconds: 1 };
    }
    const mayBePaused = jobs.length === 0 && completed.length > 0 && !isGone;
    const isPaused = mayBePaused && (await pauses.call(queue));
    return { jobs, completed, ...(isPaused && { retry_after_seconds: options.waitSeconds }) };
  }

  return {
    async push(job: NewJob): Promise<{ created: boolean; record: Pushed }> {
      const [placed] = await pushes.push([job]);
      if (!placed) throw new Error('a push was not answered');
      return { created: !placed.duplicate, record: pushed(placed) };
    },

    /** All or none, in order. */
    async pushMany(jobs: NewJob[]): Promise<{ jobs: Pushed[] }> {
      return { jobs: jobs.length === 0 ? [] : (await pushes.push(jobs)).map(pushed) };
    },

    pop(queue: string, pop: PopOptions, onClientGone: (listener: () => void) => void): Promise<Popped> {
      const names = pop.completed?.map(formatLease) ?? [];
      const popped = dispatcher.pop(
        queue,
        {
          worker_id: pop.worker_id,
          max: pop.max ?? 1,
          waitSeconds: pop.wait_seconds ?? options.waitSeconds,
          lease_seconds: pop.lease_seconds,
          idempotency_key: pop.idempotency_key,
          leases: pop.completed ?? NO_LEASES,
        },
        onClientGone,
      );
      return popped.then((popped) => answerPop(queue, names, popped));
    },

    async complete(lease: DoneLease): Promise<void> {
      const { lost } = await completions.call(lease);
      if (lost) throw leaseLost(lost);
    },

    async completeMany(leases: DoneLease[]): Promise<{ results: Completion[] }> {
      const results = leases.map(async (lease) =>
        completion(formatLease(lease), (await callForOneOfSeveral(completions, lease)).lost),
      );
      return { results: await Promise.all(results) };
    },

    async fail(lease: string, how: { error?: string; retry?: boolean; delay_seconds?: number }) {
      const { lost, state, attempts, run_at } = await runs.end({
        ...parseLease(lease),
        error: how.error,
        attempt_cost: 1,
        retry: how.retry ?? true,
        delay: how.delay_seconds,
      });
      if (lost) throw leaseLost(lost);
      return { state, ...(attempts !== null && { attempts }), ...(run_at !== null && { run_at }) };
    },

    /** For an orderly stop of a worker: the job is ready again, and no attempt is counted. */
    async release(lease: string) {
      const { lost, state } = await runs.end({ ...parseLease(lease), ...GIVEN_BACK });
      if (lost) throw leaseLost(lost);
      return { state };
    },

    async heartbeat(lease: string, lease_seconds: number | undefined) {
      const extended = await extensions.call({ ...parseLease(lease), lease_seconds });
      const { lost, lease_expires_at, cancel_requested } = extended;
      if (lost) throw leaseLost(lost);
      return { lease_expires_at, cancel_requested };
    },

    async heartbeatMany(leases: string[], lease_seconds: number | undefined) {
      const results = await Promise.all(
        leases.map(async (lease) => {
          const extended = await callForOneOfSeveral(extensions, { ...parseLease(lease), lease_seconds });
          return { lease, ...extensionResult(extended) };
        }),
      );
      return { results };
    },

    async requeueInProgress(workerId: string, match: 'exact' | 'server') {
      const ended = await requeueRunning(db, workerId, match, options.backoffMaxSeconds);
      observeEnded(observer, 'requeued', ended);
      const ready = ended.filter(({ state }) => state === 'ready');
      announcer.ready(ready);
      const count = (state: 'dead' | 'gone') => ended.filter((run) => run.state === state).length;
      return { requeued: ready.length, dead: count('dead'), gone: count('gone') };
    },

    queues: (query: ListQuery) => list.page(query),

    async history(queue: string) {
      return history.of(queue);
    },

    stats: (queue: string, maxAgeSeconds = 0) => list.queue(queue, maxAgeSeconds),

    errors: (queue: string, signal?: AbortSignal) => listDeadErrors(db, queue, signal),

    jobs: (queue: string, { after, limit, ...filter }: ListFilter & ListRange, signal?: AbortSignal) =>
      searches.ofQueue({ ...filter, queue }, { after, limit }, signal),

    find: ({ after, limit, ...filter }: ListFilter & ListRange, signal?: AbortSignal) =>
      searches.find(filter, { after, limit }, signal),

    job: (id: string) => searches.job(id),

    async cancel(id: string): Promise<'gone' | 'requested'> {
      const { state, queue } = await cancelJob(db, id);
      if (queue !== null) observer.jobs('cancelled', queue, 1);
      return state;
    },

    retry: (choice: Choice) => act('retry', choice),

    runNow: (choice: Choice) => act('runNow', choice),

    remove: (choice: Choice) => act('remove', choice),

    workers: ({ limit, ...filter }: WorkerFilter & { limit?: number }, signal?: AbortSignal) =>
      searches.workers(filter, limit, signal),

    worker: (workerId: string, range: ListRange, signal?: AbortSignal) =>
      searches.worker(workerId, range, signal),

    pause: (queue: string) => pauseQueue(db, queue),

    async resume(queue: string): Promise<void> {
      await resumeQueue(db, queue);
      announcer.wake(queue);
    },

    async purge(queue: string, which: 'waiting' | 'dead'): Promise<{ purged: number }> {
      const purged = await purgeQueue(db, queue, which);
      observer.jobs('purged', queue, purged);
      return { purged };
    },

    async redrive(queue: string): Promise<{ redriven: number; skipped: number }> {
      const { ready, ...result } = await redriveQueue(db, queue);
      observer.jobs('redriven', queue, result.redriven);
      announcer.ready(ready);
      return result;
    },
  };
}

export type QueueRepo = ReturnType<typeof queueRepo>;

/** The part of a placed job that is answered. */
function pushed({ id, duplicate }: Pushed): Pushed {
  return { id, duplicate };
}
