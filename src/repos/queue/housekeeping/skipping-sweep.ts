import { isFaultOfAnItem } from '../../../database/errors.js';
import type { Sweep, Swept } from '../sql/sweep.js';

/** How long a job is skipped after it failed a sweep. */
const SKIP_MS = 10 * 60_000;
const MAX_SKIPPED = 1000;

/**
 * A sweep that goes on if a single job makes its statement fail (an overflow, a violated constraint). That job is found by
 * sweeping each job alone. It is reported, and skipped for some minutes.
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
      if (!isFaultOfAnItem(error) || skipped.length >= MAX_SKIPPED) throw error;
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
        if (!isFaultOfAnItem(error)) throw error;
        this.#skippedUntil.set(id, performance.now() + SKIP_MS);
        this.#onError(error, `job ${id} cannot be swept, and is skipped for some minutes`);
      }
    }
    return swept;
  }
}
