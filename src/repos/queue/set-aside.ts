import { isFaultOfAnItem } from '../../database/errors.js';
import type { Sweep, Swept } from './sweep.js';

/** How long a job that failed a sweep is passed over. */
const ASIDE_MS = 10 * 60_000;
const MOST = 1000;

/**
 * Keeps a sweep going where the fault of a row fails its statement (an overflow, a violated constraint): that row is
 * found by sweeping each job alone, reported, and passed over for some minutes.
 */
export class SetAside {
  readonly #sweep: Sweep;
  readonly #onError: (error: unknown, message: string) => void;
  readonly #until = new Map<string, number>();

  constructor(sweep: Sweep, onError: (error: unknown, message: string) => void) {
    this.#sweep = sweep;
    this.#onError = onError;
  }

  async pass(): Promise<Swept> {
    const now = performance.now();
    for (const [id, until] of this.#until) if (until < now) this.#until.delete(id);
    const passedOver = [...this.#until.keys()];
    try {
      return await this.#sweep.pass(passedOver);
    } catch (error) {
      if (!isFaultOfAnItem(error) || passedOver.length >= MOST) throw error;
      return await this.#passAlone(passedOver);
    }
  }

  async #passAlone(passedOver: string[]): Promise<Swept> {
    const swept: Swept = { ready: [], expired: 0, full: true };
    for (const id of await this.#sweep.candidates(passedOver)) {
      try {
        const { ready, expired = 0 } = await this.#sweep.pass([], id);
        swept.ready.push(...ready);
        swept.expired = (swept.expired ?? 0) + expired;
      } catch (error) {
        if (!isFaultOfAnItem(error)) throw error;
        this.#until.set(id, performance.now() + ASIDE_MS);
        this.#onError(error, `job ${id} cannot be swept, and is passed over for some minutes`);
      }
    }
    return swept;
  }
}
