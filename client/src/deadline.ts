import { ConnectionError } from './errors.js';

/**
 * A signal that follows the caller's, and can be given a time. `AbortSignal.any` would do the same, but leaves
 * something behind on a signal that lives as long as the process, as a worker's does.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #follow = (): void => this.#controller.abort(this.#outer?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) this.#follow();
    else outer?.addEventListener('abort', this.#follow);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is under way has this long from now. */
  start(seconds: number): void {
    this.pause();
    this.#timer = setTimeout(() => {
      this.#controller.abort(new ConnectionError(`Nothing came within ${seconds} s.`));
    }, seconds * 1000);
  }

  /** Until it is started again, time does not count. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Ends what is still under way. */
  close(): void {
    this.pause();
    this.#outer?.removeEventListener('abort', this.#follow);
    this.#controller.abort();
  }
}
