/** What the queue reports of its work, for metrics. */
export interface QueueObserver {
  /** One statement was for so many jobs. */
  batch(kind: BatchKind, size: number): void;
  /** This happened to so many jobs. */
  jobs(event: JobEvent, count: number): void;
}

type BatchKind = 'push' | 'pop' | 'complete' | 'end' | 'heartbeat';
type JobEvent = 'pushed' | 'popped' | 'completed' | 'failed' | 'released' | 'expired';
