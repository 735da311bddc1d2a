import { setTimeout as sleep } from 'node:timers/promises';

/** The jobs that everybody pushes: what pict-rs says of a thumbnail, and a number. */
export const jobOf = (/** @type {number} */ n) => ({
  n,
  Generate: {
    source: 'b5bb9d8014a0f9b1d61e21e796d78dcc.webp',
    target_format: 'png',
    process_path: 'thumbnail/256',
  },
});

/**
 * Calls again and again from `callers` places until the time is over, and waits for what is in flight.
 *
 * @param {number} callers
 * @param {number} seconds
 * @param {(n: number, caller: number) => Promise<unknown>} call
 * @returns {Promise<{ jobs: number, seconds: number }>}
 */
export async function repeat(callers, seconds, call) {
  let jobs = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (performance.now() < end) await call(jobs++, caller);
    }),
  );
  return { jobs, seconds: (performance.now() - began) / 1000 };
}

/** Pushes before the ones that count. */
const WARM_UP = 30;

/**
 * Pushes at a slow pace, and takes the time from the begin of each push to its job's delivery.
 *
 * @param {{ pushes: number, gapMs: number, push: (n: number) => Promise<unknown> }} how
 * @returns {{ delivered: (n: number) => void, times: Promise<number[]> }} milliseconds
 */
export function pace({ pushes, gapMs, push }) {
  const total = WARM_UP + pushes;
  /** @type {number[]} */
  const begun = [];
  /** @type {number[]} */
  const times = [];
  let missing = total;
  /** @type {() => void} */
  let allDelivered;
  const done = new Promise((resolve) => {
    allDelivered = () => resolve(undefined);
  });

  async function run() {
    const start = performance.now();
    for (let n = 0; n < total; n++) {
      await sleep(Math.max(0, start + n * gapMs - performance.now()));
      begun[n] = performance.now();
      await push(n);
    }
    await Promise.race([done, sleep(10_000, undefined, { ref: false })]);
    if (missing > 0) throw new Error(`${missing} jobs were not delivered`);
    return times.slice(WARM_UP);
  }

  return {
    delivered: (n) => {
      times[n] = performance.now() - begun[n];
      if (--missing === 0) allDelivered();
    },
    times: run(),
  };
}

/**
 * Waits for the end of a drain: the workers have taken all jobs, and the last is completed in the database.
 *
 * @param {{ isTaken: () => boolean, isEmpty: () => Promise<boolean>, deadline: number }} how
 * @returns {Promise<boolean>} false where the deadline came first
 */
export async function drained({ isTaken, isEmpty, deadline }) {
  while (performance.now() < deadline) {
    if (!isTaken()) await sleep(5);
    else if (await isEmpty()) return true;
    else await sleep(2);
  }
  return false;
}
