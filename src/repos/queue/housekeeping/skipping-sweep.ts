import { isFaultOfAnItem, isLockTimeout } from '../../../database/errors.js';
import type { Sweep, Swept } from '../sql/sweep.js';

/** How long a job is skipped after it failed a sweep. */
const SKIP_MS = 10 * 60_000;
/** How long a job is skipped after its sweep had to wait for another transaction. */
const SKIP_BLOCKED_MS = 10_000;
const MAX_SKIPPED = 1000;

/**
 * A sweep that goes on if a single job makes its statement fail (an overflow, a violated constraint), or wait for another
 * transaction. That job is found by sweeping each job alone. It is reported, and skipped for a while.
 */
export class SkippingSweep {
  readonly #sweep: Sweep;
  readonly #onError: (error: unknown, message: string) => void;
  readonly #skippedUntil = new Map<string, number>();

  constructor(sweep: Sweep, onError: (error: unknown, message: string) => void) {
    this.#sweep = sweep;
    this.#onError = onError;
  }

  async pass(): Promise<Swept> {
    const now = performance.now();
    for (const [id, until] of this.#skippedUntil) if (until < now) this.#skippedUntil.delete(id);
    const skipped = [...this.#skippedUntil.keys()];
    try {
      return await this.#sweep.pass(skipped);
    } catch (error) {
      if (!isOfAJob(error) || skipped.length >= MAX_SKIPPED) throw error;
      return await this.#passOneByOne(skipped);
    }
  }

  async #passOneByOne(skipped: string[]): Promise<Swept> {
    const swept: Swept = { ready: [], full: true };
    for (const id of await this.#sweep.candidates(skipped)) {
      try {
        const { ready, expired = [] } = await this.#sweep.pass([], id);
        swept.ready.push(...ready);
        swept.expired = [...(swept.expired ?? []), ...expired];
      } catch (error) {
        if (!isOfAJob(error)) throw error;
        const skipMs = isLockTimeout(error) ? SKIP_BLOCKED_MS : SKIP_MS;
        this.#skippedUntil.set(id, performance.now() + skipMs);
        this.#onError(error, `job ${id} cannot be swept, and is skipped for ${skipMs / 1000} s`);
      }
    }
    return swept;
  }
}

function isOfAJob(error: unknown): boolean {
  return isFaultOfAnItem(error) || isLockTimeout(error);
}
