import { unavailable } from '../problems.js';

interface Waiting {
  enter: () => void;
  timer: NodeJS.Timeout;
}

/**
 * Lets a bounded number of statements run at once. The rest waits, so many and for so long:
 * without bounds a saturated pool would answer ever later instead of saying no.
 */
export class Gate {
  readonly #places: number;
  readonly #longestQueue: number;
  readonly #deadlineMs: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(options: { places: number; longestQueue: number; deadlineSeconds: number }) {
    this.#places = options.places;
    this.#longestQueue = options.longestQueue;
    this.#deadlineMs = options.deadlineSeconds * 1000;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs `task` when there is a place. Throws 503 `overloaded` when there is none within the deadline. */
  async pass<T>(task: () => PromiseLike<T>): Promise<T> {
    if (this.#running < this.#places) this.#running++;
    else await this.#wait();
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.size >= this.#longestQueue) {
      return Promise.reject(unavailable('overloaded', 'Too many requests wait for a database connection.'));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter: resolve,
        timer: setTimeout(() => {
          this.#waiting.delete(waiting);
          reject(unavailable('overloaded', 'No database connection became free in time.'));
        }, this.#deadlineMs),
      };
      this.#waiting.add(waiting);
    });
  }

  /** Hands the place to who waits longest, or gives it back. */
  #leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    clearTimeout(next.timer);
    next.enter();
  }
}
