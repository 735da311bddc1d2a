import type { Coalescer } from '../../../database/coalescer.js';
import { observeEnded, observeQueues, type QueueObserver } from '../observer.js';
import type { CountedClaim } from '../sql/claim.js';
import type { Completed } from '../sql/complete.js';
import type { Ended, RunEnd } from '../sql/end-runs.js';
import type { Extended } from '../sql/extend-leases.js';
import type { JobToInsert } from '../sql/job-to-insert.js';
import type { EndedRun } from '../sql/move-ended.js';
import type { Placed } from './pushes.js';

type Observable<Item, Result> = Pick<Coalescer<Item, Result>, 'observe'>;

/** Reports the statements that calls share: once for each statement and queue, because a report for each job would cost more. */
export function observeBatches(
  calls: {
    pushes: Observable<JobToInsert[], Placed[]>;
    completions: Observable<unknown, Completed>;
    runEnds: Observable<Pick<RunEnd, 'attempt_cost' | 'delivery'>, Ended>;
    extensions: Observable<unknown, Extended>;
  },
  observer: QueueObserver,
): void {
  calls.pushes.observe((items, groups) => {
    const placed = groups.flat();
    observer.batch('push', placed.length);
    const queues = items.flat().map(({ queue }) => queue);
    const queuesOf = (chosen: (job: Placed) => boolean) =>
      queues.filter((_, at) => placed[at] !== undefined && chosen(placed[at]));
    observeQueues(
      observer,
      'pushed',
      queuesOf(({ duplicate }) => !duplicate),
    );
    observeQueues(
      observer,
      'deduplicated',
      queuesOf(({ duplicate, isIdUsed }) => duplicate && !isIdUsed),
    );
    const delivered = queuesOf(({ isDelivered }) => isDelivered);
    observeQueues(observer, 'popped', delivered);
    // Jobs that are delivered directly were never ready.
    for (const queue of delivered) observer.waited(0, queue);
  });
  calls.completions.observe((_items, results) => {
    observer.batch('complete', results.length);
    const completed = results.flatMap(({ job }) => job ?? []);
    observeQueues(
      observer,
      'completed',
      completed.map(({ queue }) => queue),
    );
    for (const { ran, queue } of completed) observer.ran(ran, queue);
  });
  calls.runEnds.observe((runs, results) => {
    observer.batch('end', results.length);
    const ended = { failed: [], released: [], undelivered: [] } as Record<HowEnded, EndedRun[]>;
    for (const [at, run] of runs.entries()) {
      const result = results[at];
      if (result && isEnded(result)) ended[howEnded(run)].push(result);
    }
    for (const how of HOW_ENDED) observeEnded(observer, how, ended[how]);
  });
  calls.extensions.observe((_items, results) => observer.batch('heartbeat', results.length));
}

const HOW_ENDED = ['failed', 'released', 'undelivered'] as const;
type HowEnded = (typeof HOW_ENDED)[number];

function isEnded(result: Ended): result is Ended & EndedRun {
  return result.lost === null && result.state !== 'running';
}

function howEnded({ attempt_cost, delivery }: Pick<RunEnd, 'attempt_cost' | 'delivery'>): HowEnded {
  if (attempt_cost > 0) return 'failed';
  return delivery === undefined ? 'released' : 'undelivered';
}

/** Reports a claim that was sent for so many slots. */
export function observeClaim(
  observer: QueueObserver,
  queue: string,
  slots: number,
  { jobs, ran, others }: CountedClaim,
): void {
  observer.batch('pop', slots);
  const popped = jobs.filter(({ redelivered }) => !redelivered);
  observer.jobs('popped', queue, popped.length);
  for (const { waited } of popped) observer.waited(waited, queue);
  observer.jobs('completed', queue, ran.length - others.length);
  observeQueues(observer, 'completed', others);
  // If jobs of several queues were completed, it is not known which duration belongs to which queue.
  const queueOfRuns = others.length === 0 ? queue : undefined;
  for (const seconds of ran) observer.ran(seconds, queueOfRuns);
}
