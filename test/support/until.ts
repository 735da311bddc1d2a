import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for what has no event: asks again until it is so, and fails after `seconds`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  seconds = 20,
  pauseMs = 5,
): Promise<void> {
  const giveUp = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > giveUp) throw new Error(`not so after ${seconds} s: ${condition}`);
    await sleep(pauseMs);
  }
}
