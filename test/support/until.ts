import { setTimeout as sleep } from 'node:timers/promises';

/** What a question costs that has to be sent is more than what is gained by asking often. */
const MOST_PAUSE_MS = 50;

/**
 * Waits for what has no event: asks again until it is so, and fails after `seconds`. What is answered by a promise is
 * asked less often the longer it has been waited for.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  seconds = 20,
  pauseMs = 5,
): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const answer = condition();
    if (await answer) return;
    const waitedMs = performance.now() - begun;
    if (waitedMs > seconds * 1000) throw new Error(`not so after ${seconds} s: ${condition}`);
    const longerMs = answer instanceof Promise ? Math.min(waitedMs / 10, MOST_PAUSE_MS) : 0;
    await sleep(Math.max(pauseMs, longerMs));
  }
}
