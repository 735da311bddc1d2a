import type { Coalescer } from '../../database/coalescer.js';
import type { Ended } from './fail.js';
import type { Extended } from './heartbeat.js';
import type { Fate } from './held.js';
import type { Placed } from './push.js';

/** What the queue tells about its work while it does it. */
export interface QueueObserver {
  /** One statement was about so many jobs. */
  batch(kind: BatchKind, size: number): void;
  /** That happened to so many jobs. */
  jobs(event: JobEvent, count: number): void;
}

type BatchKind = 'push' | 'pop' | 'complete' | 'end' | 'heartbeat';
type JobEvent = 'pushed' | 'popped' | 'completed' | 'failed' | 'released' | 'expired';

type Observable<Item, Result> = Pick<Coalescer<Item, Result>, 'observe'>;

/** Tells the observer once for each statement, so that a single job costs nothing. */
export function observeBatches(
  coalescers: {
    push: Observable<unknown, Placed[]>;
    complete: Observable<unknown, Fate>;
    end: Observable<{ burnt: number }, Ended>;
    heartbeat: Observable<unknown, Extended>;
  },
  observer: QueueObserver,
): void {
  coalescers.push.observe((_items, groups) => {
    const pushed = groups.flat();
    observer.batch('push', pushed.length);
    observer.jobs('pushed', pushed.filter(({ duplicate }) => !duplicate).length);
    observer.jobs('popped', pushed.filter(({ handedOver }) => handedOver).length);
  });
  coalescers.complete.observe((_items, results) => {
    observer.batch('complete', results.length);
    observer.jobs('completed', results.filter(({ lost }) => lost === null).length);
  });
  coalescers.end.observe((runs, results) => {
    observer.batch('end', results.length);
    const ended = runs.filter((_, at) => results[at]?.lost === null);
    const failed = ended.filter(({ burnt }) => burnt > 0).length;
    observer.jobs('failed', failed);
    observer.jobs('released', ended.length - failed);
  });
  coalescers.heartbeat.observe((_items, results) => observer.batch('heartbeat', results.length));
}
