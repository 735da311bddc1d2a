import type { Coalescer } from '../../../database/coalescer.js';
import type { QueueObserver } from '../observer.js';
import type { Ended } from '../sql/end-runs.js';
import type { Extended } from '../sql/extend-leases.js';
import type { LeaseResult } from '../sql/lost-leases.js';
import type { Placed } from './pushes.js';

type Observable<Item, Result> = Pick<Coalescer<Item, Result>, 'observe'>;

/** Reports once for each statement, so that a single job costs nothing. */
export function observeBatches(
  calls: {
    pushes: Observable<unknown, Placed[]>;
    completions: Observable<unknown, LeaseResult>;
    runEnds: Observable<{ attempt_cost: number }, Ended>;
    extensions: Observable<unknown, Extended>;
  },
  observer: QueueObserver,
): void {
  calls.pushes.observe((_items, groups) => {
    const pushed = groups.flat();
    observer.batch('push', pushed.length);
    observer.jobs('pushed', pushed.filter(({ duplicate }) => !duplicate).length);
    observer.jobs('popped', pushed.filter(({ isDelivered }) => isDelivered).length);
  });
  calls.completions.observe((_items, results) => {
    observer.batch('complete', results.length);
    observer.jobs('completed', results.filter(({ lost }) => lost === null).length);
  });
  calls.runEnds.observe((runs, results) => {
    observer.batch('end', results.length);
    const ended = runs.filter((_, at) => results[at]?.lost === null);
    const failed = ended.filter(({ attempt_cost }) => attempt_cost > 0).length;
    observer.jobs('failed', failed);
    observer.jobs('released', ended.length - failed);
  });
  calls.extensions.observe((_items, results) => observer.batch('heartbeat', results.length));
}
