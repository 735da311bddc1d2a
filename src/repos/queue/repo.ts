import type { Database } from '../../database/database.js';
import { notFound, Problem } from '../../problems.js';
import type { ClaimedJob } from './claim.js';
import type { QueueEngine } from './engine.js';
import { emptyQueue, type QueueStats, type SharedFigures } from './figures.js';
import type { LostState } from './held.js';
import { cancelJob, findJob, type JobRow, type JobState, listJobs } from './jobs.js';
import { parseLease } from './lease.js';
import type { NewJob, Pushed } from './push.js';
import { pauseLooks, pauseQueue, purgeQueue, redriveQueue, resumeQueue } from './queues.js';
import { requeueRunning } from './requeue.js';

export interface PopOptions {
  worker_id: string;
  max?: number;
  wait_seconds?: number;
  lease_seconds?: number;
  idempotency_key?: string;
  /** Leases that the worker has done; committed with the claim, or without it where that fails. */
  completed?: string[];
}

export interface Completion {
  lease: string;
  outcome: 'completed' | 'gone' | 'lost';
}

export interface Popped {
  jobs: ClaimedJob[];
  completed: Completion[];
  /** Set where the claim failed, or the queue is paused, after the completions were committed. */
  retry_after_seconds?: number;
}

/** The figures of a queue, with the polls that wait for it on this process. */
type QueueNow = QueueStats & { parked: number };

/** QueueRepo of pict-rs, for workers in any language; engine.ts says how it works. */
export function queueRepo(db: Database, engine: QueueEngine, figures: SharedFigures) {
  const { options } = engine;
  const pauses = pauseLooks(db);

  function now(stats: QueueStats): QueueNow {
    return { ...stats, parked: engine.parked(stats.queue) };
  }

  function completeAll(leases: string[]): Promise<Completion[]> {
    return Promise.all(
      leases.map(async (lease) => completion(lease, (await engine.complete(parseLease(lease))).lost)),
    );
  }

  return {
    async push(job: NewJob): Promise<{ created: boolean; record: Pushed }> {
      const [placed] = await engine.push([job]);
      if (!placed) throw new Error('a push was not answered');
      return { created: !placed.duplicate, record: pushed(placed) };
    },

    /** All or none, in order. */
    async pushMany(jobs: NewJob[]): Promise<{ jobs: Pushed[] }> {
      return { jobs: jobs.length === 0 ? [] : (await engine.push(jobs)).map(pushed) };
    },

    async pop(queue: string, pop: PopOptions, onClientGone: (listener: () => void) => void): Promise<Popped> {
      const leases = pop.completed ?? [];
      const { jobs, failure, isGone, ...polled } = await engine.poll(
        queue,
        {
          worker_id: pop.worker_id,
          max: pop.max ?? 1,
          waitSeconds: pop.wait_seconds ?? options.waitSeconds,
          lease_seconds: pop.lease_seconds,
          idempotency_key: pop.idempotency_key,
          done: leases.map(parseLease),
        },
        onClientGone,
      );
      const completed = polled.completed.map((lost, at) => completion(leases[at] ?? '', lost));
      if (failure !== undefined) {
        engine.report(failure, 'a claim failed, and the completions that it brought were committed');
        return { jobs, completed, retry_after_seconds: 1 };
      }
      const mayBePaused = jobs.length === 0 && completed.length > 0 && !isGone;
      const isPaused = mayBePaused && (await pauses.call(queue));
      return { jobs, completed, ...(isPaused && { retry_after_seconds: options.waitSeconds }) };
    },

    async complete(lease: string): Promise<void> {
      const { lost } = await engine.complete(parseLease(lease));
      if (lost) throw leaseLost(lost);
    },

    async completeMany(leases: string[]): Promise<{ results: Completion[] }> {
      return { results: await completeAll(leases) };
    },

    async fail(lease: string, how: { error?: string; retry?: boolean; delay_seconds?: number }) {
      const { lost, state, attempts, run_at } = await engine.end({
        ...parseLease(lease),
        error: how.error,
        burnt: 1,
        retry: how.retry ?? true,
        delay: how.delay_seconds,
      });
      if (lost) throw leaseLost(lost);
      return { state, ...(attempts !== null && { attempts }), ...(run_at !== null && { run_at }) };
    },

    /** For an orderly stop: ready again, no attempt burnt. */
    async release(lease: string): Promise<void> {
      const { lost } = await engine.end({
        ...parseLease(lease),
        error: undefined,
        burnt: 0,
        retry: true,
        delay: 0,
      });
      if (lost) throw leaseLost(lost);
    },

    async heartbeat(lease: string, leaseSeconds: number | undefined) {
      const { lost, lease_expires_at, cancel_requested } = await engine.heartbeat(
        parseLease(lease),
        leaseSeconds,
      );
      if (lost) throw leaseLost(lost);
      return { lease_expires_at, cancel_requested };
    },

    async heartbeatMany(leases: string[], leaseSeconds: number | undefined) {
      const results = await Promise.all(
        leases.map(async (lease) => {
          const beat = await engine.heartbeat(parseLease(lease), leaseSeconds);
          const { lost, lease_expires_at, cancel_requested } = beat;
          const outcome = outcomeOf(lost, 'extended');
          return { lease, outcome, ...(lost === null && { lease_expires_at, cancel_requested }) };
        }),
      );
      return { results };
    },

    async requeueInProgress(workerId: string, match: 'exact' | 'server'): Promise<{ requeued: number }> {
      const jobs = await requeueRunning(db, workerId, match, options.backoffMaxSeconds);
      engine.readyAgain(jobs);
      return { requeued: jobs.length };
    },

    async queues(): Promise<{ as_of: string; queues: QueueNow[] }> {
      const { as_of, queues } = await figures.read();
      const known = new Set(queues.map(({ queue }) => queue));
      // A queue that is only waited for has no jobs, and is not paused: it would be among the counted.
      const waitedFor = engine.parkedQueues().filter((queue) => !known.has(queue));
      const all = waitedFor.length === 0 ? queues : inOrder([...queues, ...waitedFor.map(emptyQueue)]);
      return { as_of, queues: all.map(now) };
    },

    async stats(queue: string): Promise<QueueNow & { as_of: string }> {
      const { as_of, queues } = await figures.read();
      return { ...now(queues.find((stats) => stats.queue === queue) ?? emptyQueue(queue)), as_of };
    },

    jobs: (queue: string, page: { state?: JobState; after?: string; limit?: number }) =>
      listJobs(db, queue, page.state, page.after ?? '0', page.limit ?? 100),

    async job(id: string): Promise<JobRow> {
      const job = await findJob(db, id);
      if (!job)
        throw notFound('job_not_found', `There is no job ${id}: completed, cancelled, or never pushed.`);
      return job;
    },

    cancel: (id: string) => cancelJob(db, id),

    pause: (queue: string) => pauseQueue(db, queue),

    async resume(queue: string): Promise<void> {
      await resumeQueue(db, queue);
      engine.wake(queue);
    },

    async purge(queue: string, which: 'waiting' | 'dead'): Promise<{ purged: number }> {
      return { purged: await purgeQueue(db, queue, which) };
    },

    async redrive(queue: string): Promise<{ redriven: number; skipped: number }> {
      const { ready, ...result } = await redriveQueue(db, queue);
      engine.readyAgain(ready);
      return result;
    },
  };
}

export type QueueRepo = ReturnType<typeof queueRepo>;

/** By the bytes of their names. */
function inOrder(queues: QueueStats[]): QueueStats[] {
  const keyed = queues.map((stats) => ({ stats, key: Buffer.from(stats.queue) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ stats }) => stats);
}

/** What the client is told of a push. */
function pushed({ id, duplicate }: Pushed): Pushed {
  return { id, duplicate };
}

function completion(lease: string, lost: LostState | null): Completion {
  return { lease, outcome: outcomeOf(lost, 'completed') };
}

function outcomeOf<Done extends string>(lost: LostState | null, done: Done): Done | 'gone' | 'lost' {
  if (lost === null) return done;
  return lost === 'gone' ? 'gone' : 'lost';
}

function leaseLost(state: LostState): Problem {
  const where = state === 'gone' ? 'The job is gone: completed, or cancelled' : `The job is ${state} now`;
  return new Problem('lease_lost', `${where}. Nothing was changed.`, { state });
}
