import { onAbort } from './abort.js';
import { ConnectionError } from './errors.js';
import { after } from './timer.js';

/**
 * A signal that is aborted when the caller's is, or when a time is over. `AbortSignal.any` would do the same, but
 * leaves something behind on a signal that lives as long as the process, as a worker's does.
 */
export class Deadline {
  readonly #controller = new AbortController();
  #unfollow = (): void => {};
  #stopTimer = (): void => {};

  constructor(outer: AbortSignal | undefined) {
    if (outer?.aborted) this.#controller.abort(outer.reason);
    else if (outer) this.#unfollow = onAbort(outer, () => this.#controller.abort(outer.reason));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal is aborted after so many seconds from now. */
  start(seconds: number): void {
    this.pause();
    this.#stopTimer = after(seconds * 1000, () => {
      this.#controller.abort(new ConnectionError(`Nothing came within ${seconds} s.`));
    });
  }

  /** Stops the clock until the next start. */
  pause(): void {
    this.#stopTimer();
  }

  /** Ends what is still under way. */
  close(): void {
    this.pause();
    this.#unfollow();
    this.#controller.abort();
  }
}
