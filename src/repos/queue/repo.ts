import type { Database } from '../../database/database.js';
import { Problem, type ProblemCode } from '../../problems.js';
import type { ClaimedJob } from './claim.js';
import type { QueueEngine } from './engine.js';
import type { Finished } from './finish.js';
import { parseLease } from './lease.js';
import type { NewJob, Pushed } from './push.js';
import { requeueRunning } from './requeue.js';

export interface PopOptions {
  worker_id: string;
  max?: number;
  wait_seconds?: number;
  lease_seconds?: number;
  idempotency_key?: string;
  /** Leases that the worker has done; committed before the claim, whatever that does. */
  completed?: string[];
}

export interface Popped {
  jobs: ClaimedJob[];
  completed: { lease: string; outcome: 'completed' | 'gone' | 'lost' }[];
  /** Set where the claim failed after the completions were committed. */
  retry_after_seconds?: number;
}

/** The plan's QueueRepo, for workers in any language: see the engine for how. */
export function queueRepo(db: Database, engine: QueueEngine) {
  const { options } = engine;
  return {
    async push(job: NewJob): Promise<{ created: boolean; record: Pushed }> {
      const pushed = await engine.push(job);
      if (!pushed.duplicate) engine.wake(job.queue);
      return { created: !pushed.duplicate, record: pushed };
    },

    async pop(queue: string, pop: PopOptions, onClientGone: (listener: () => void) => void): Promise<Popped> {
      const leases = pop.completed ?? [];
      const outcomes = await Promise.all(leases.map((lease) => engine.complete(parseLease(lease))));
      const completed = leases.map((lease, at) => ({ lease, outcome: outcomeOf(outcomes[at] ?? 'gone') }));
      try {
        const jobs = await engine.poll(
          queue,
          {
            worker_id: pop.worker_id,
            max: pop.max ?? 1,
            waitSeconds: pop.wait_seconds ?? options.waitSeconds,
            lease_seconds: pop.lease_seconds,
            idempotency_key: pop.idempotency_key,
          },
          onClientGone,
        );
        return { jobs, completed };
      } catch (error) {
        const passing = error instanceof Problem && error.status === 503;
        if (!passing || completed.length === 0) throw error;
        return { jobs: [], completed, retry_after_seconds: error.extensions.retryAfterSeconds ?? 1 };
      }
    },

    async complete(lease: string): Promise<void> {
      const outcome = await engine.complete(parseLease(lease));
      if (outcome !== 'done') throw leaseLost(outcome);
    },

    async requeueInProgress(workerId: string, match: 'exact' | 'server'): Promise<{ requeued: number }> {
      const queues = await requeueRunning(db, workerId, match, options.backoffMaxSeconds);
      for (const queue of new Set(queues)) engine.wake(queue);
      return { requeued: queues.length };
    },
  };
}

export type QueueRepo = ReturnType<typeof queueRepo>;

function outcomeOf(finished: Finished): Popped['completed'][number]['outcome'] {
  if (finished === 'done') return 'completed';
  return finished === 'gone' ? 'gone' : 'lost';
}

const LOST: ProblemCode = 'lease_lost';

function leaseLost(state: Exclude<Finished, 'done'>): Problem {
  const where = state === 'gone' ? 'The job is gone: completed, or cancelled' : `The job is ${state} now`;
  return new Problem(LOST, `${where}. Nothing was changed.`, { state });
}
