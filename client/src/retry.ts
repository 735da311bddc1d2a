import { onAbort } from './abort.js';
import { ProblemError } from './errors.js';
import { after } from './timer.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const LONGEST_RETRY_AFTER_SECONDS = 60;

export interface Persistence {
  /** Whether to try again after `error`. `retries` is how often it was tried again before. */
  goesOn: (error: unknown, retries: number) => boolean;
  signal?: AbortSignal | undefined;
  /** Called for each failure after which it is tried again. */
  onRetry?: (error: unknown) => void;
}

/** Calls `run` again while it fails and `goesOn` allows, after pauses that grow. */
export async function persist<T>(run: () => Promise<T>, options: Persistence): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!options.goesOn(error, retries)) throw error;
      options.onRetry?.(error);
      await pause(retries, error, options.signal);
    }
  }
}

export async function pause(retry: number, error: unknown, signal: AbortSignal | undefined): Promise<void> {
  const asked = error instanceof ProblemError ? (error.retryAfter ?? 0) : 0;
  await sleep(1000 * Math.min(asked, LONGEST_RETRY_AFTER_SECONDS) + jitter(retry), signal);
}

/** In ms. With full jitter, so that clients that were cut off together do not come back together. */
export function jitter(retry: number, longest = LONGEST_PAUSE_MS): number {
  return Math.random() * Math.min(longest, FIRST_PAUSE_MS * 2 ** retry);
}

/** Rejects with the signal's reason if it is aborted before the end. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stopTimer = after(ms, () => {
      unfollow?.();
      resolve();
    });
    const unfollow =
      signal &&
      onAbort(signal, () => {
        stopTimer();
        reject(signal.reason);
      });
  });
}

/** Seconds, from either form of the header. */
export function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
