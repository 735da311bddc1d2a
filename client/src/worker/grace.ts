import { onAbort } from '../abort.js';
import { Deadline } from '../deadline.js';
import type { Worker } from './options.js';

/** What is begun when the grace is over, or nearly, has this long all the same. */
const LEAST_MS = 1000;

/** Runs it with a signal that is aborted when the worker is stopped and its grace is over, or where `outer` is. */
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
