import { onAbort } from '../abort.js';
import { Deadline } from '../deadline.js';
import type { Worker } from './options.js';

/** What begins when the grace period is over, or nearly over, still has this long. */
const LEAST_MS = 1000;

/** Calls `run` with a signal that is aborted when the grace period of a stop is over, or when `outer` is aborted. */
export async function withinGrace<T>(
  { graceOver }: Worker,
  run: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const deadline = new Deadline(outer);
  const begun = performance.now();
  const limit = () => deadline.start(Math.max(0, begun + LEAST_MS - performance.now()) / 1000);
  if (graceOver.aborted) limit();
  const unfollow = onAbort(graceOver, limit);
  try {
    return await run(deadline.signal);
  } finally {
    unfollow();
    deadline.close();
  }
}
