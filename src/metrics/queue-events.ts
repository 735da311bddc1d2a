import { Counter, Histogram, type Registry } from 'prom-client';
import type { JobEvent, QueueObserver } from '../repos/queue/observer.js';
import { BoundedLabels } from './bounded-labels.js';
import { Buckets, headOf } from './buckets.js';

/** How many queues have series of their own at a time: one for each event that they had. */
const MAX_QUEUES = 100;

/** All events; the compiler checks that none is missing. */
const EVENTS: Record<JobEvent, 0> = {
  pushed: 0,
  deduplicated: 0,
  popped: 0,
  completed: 0,
  failed: 0,
  released: 0,
  undelivered: 0,
  expired: 0,
  requeued: 0,
  died: 0,
  redriven: 0,
  cancelled: 0,
  purged: 0,
  discarded: 0,
};
export const JOB_EVENTS = Object.keys(EVENTS);

const WAITS = 'pict_repo_job_wait_seconds';
const RUNS = 'pict_repo_job_run_seconds';

/**
 * Adds what happens to jobs through this process.
 *
 * @returns the observer; its `text` has the metrics that are not in the registry
 */
export function queueEvents(registry: Registry): QueueObserver & { text(): string } {
  const registers = [registry];
  const batches = new Histogram({
    name: 'pict_repo_queue_batch_size',
    help: 'Jobs per statement; for pop, the number that was requested.',
    labelNames: ['kind'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  });
  const all = new Counter({
    name: 'pict_repo_jobs_total',
    help: 'What happened to jobs through this process, by event (ops/README.md).',
    labelNames: ['event'],
    registers,
  });
  const ofQueues = new Counter({
    name: 'pict_repo_queue_events_total',
    help: `pict_repo_jobs_total by queue, for ${MAX_QUEUES} queues at a time. All others have an empty queue.`,
    labelNames: ['queue', 'event'],
    registers,
  });
  const waits = new Buckets([0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400]);
  const runs = new Buckets([0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 21_600]);
  // A counter that begins with its first event would hide that one from increase().
  for (const event of JOB_EVENTS) all.inc({ event }, 0);
  const labels = new BoundedLabels(MAX_QUEUES, (queue) => {
    for (const event of JOB_EVENTS) ofQueues.remove({ queue, event });
  });

  return {
    batch: (kind, size) => batches.observe({ kind }, size),
    jobs(event, queue, count) {
      if (count === 0) return;
      all.inc({ event }, count);
      ofQueues.inc({ queue: labels.of(queue), event }, count);
    },
    // The clock of the database may have been set back meanwhile.
    waited: (seconds) => waits.observe(Math.max(seconds, 0)),
    ran(seconds) {
      if (!Number.isNaN(seconds)) runs.observe(Math.max(seconds, 0));
    },
    text: () =>
      [
        ...headOf(WAITS, 'How long jobs were ready before they were claimed.'),
        ...waits.lines(WAITS, ''),
        ...headOf(RUNS, 'How long runs took from the claim to their end, whether they succeeded or not.'),
        ...runs.lines(RUNS, ''),
        '',
      ].join('\n'),
  };
}
