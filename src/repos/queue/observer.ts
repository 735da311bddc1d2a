import type { EndedRun } from './sql/move-ended.js';
import type { Swept } from './sql/sweep.js';

/** What the queue reports of its work, for metrics. */
export interface QueueObserver {
  /** One statement was for so many jobs. */
  batch(kind: BatchKind, size: number): void;
  /** This happened to so many jobs of a queue. */
  jobs(event: JobEvent, queue: string, count: number): void;
  /** So many seconds a job was ready before it was claimed. */
  waited(seconds: number): void;
  /** So many seconds a job ran, however its run ended; NaN where that is not known. */
  ran(seconds: number): void;
}

type BatchKind = 'push' | 'pop' | 'complete' | 'end' | 'heartbeat';

/** What can happen to jobs. A run that ends in the death of its job is counted as failed (or the like) and as died. */
export type JobEvent =
  | 'pushed'
  | 'deduplicated'
  | 'popped'
  | 'completed'
  | 'failed'
  | 'released'
  | 'undelivered'
  | 'expired'
  | 'requeued'
  | 'died'
  | 'redriven'
  | 'cancelled'
  | 'purged'
  | 'discarded';

/** Reports runs that ended without success. */
export function observeEnded(observer: QueueObserver, event: JobEvent, runs: EndedRun[]): void {
  observeQueues(
    observer,
    event,
    runs.map(({ queue }) => queue),
  );
  for (const { queue, state, ran } of runs) {
    observer.ran(ran);
    if (state === 'dead') observer.jobs('died', queue, 1);
    if (state === 'gone') observer.jobs('cancelled', queue, 1);
  }
}

/** Reports what a pass of housekeeping did. */
export function observeSwept(observer: QueueObserver, { expired = [], discarded = [] }: Swept): void {
  observeEnded(observer, 'expired', expired);
  observeQueues(observer, 'discarded', discarded);
}

/** Reports an event of jobs, by the queue of each. */
export function observeQueues(observer: QueueObserver, event: JobEvent, queues: string[]): void {
  const counts = new Map<string, number>();
  for (const queue of queues) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  for (const [queue, count] of counts) observer.jobs(event, queue, count);
}
