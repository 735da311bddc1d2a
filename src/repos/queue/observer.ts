import type { EndedRun } from './sql/move-ended.js';
import type { Swept } from './sql/sweep.js';

/** What the queue reports of its work, for metrics. */
export interface QueueObserver {
  /** A statement was sent for `size` jobs. */
  batch(kind: BatchKind, size: number): void;
  /** This happened to `count` jobs of a queue. */
  jobs(event: JobEvent, queue: string, count: number): void;
  /** How long a job was ready before it was claimed. */
  waited(seconds: number, queue: string): void;
  /** How long a job ran, however its run ended; NaN if that is not known. The queue may not be known either. */
  ran(seconds: number, queue: string | undefined): void;
}

type BatchKind = 'push' | 'pop' | 'complete' | 'end' | 'heartbeat';

/** What can happen to jobs. If a run ends and its job dies, both are counted: the end of the run, and `died`. */
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
    observer.ran(ran, queue);
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

/** Reports to several observers. */
export function observeWithAll(observers: QueueObserver[]): QueueObserver {
  return {
    batch(kind, size) {
      for (const observer of observers) observer.batch(kind, size);
    },
    jobs(event, queue, count) {
      for (const observer of observers) observer.jobs(event, queue, count);
    },
    waited(seconds, queue) {
      for (const observer of observers) observer.waited(seconds, queue);
    },
    ran(seconds, queue) {
      for (const observer of observers) observer.ran(seconds, queue);
    },
  };
}
