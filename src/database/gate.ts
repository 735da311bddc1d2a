import { unavailable } from '../problems.js';

/**
 * What a statement is, for the order in which statements run. `bulk`: a read whose cost grows with what it reads (a
 * page of a list or of a stream, an exact count). All others are ordinary.
 */
export type StatementClass = 'ordinary' | 'bulk';

/** The part of all places that bulk reads may hold at once; one of them may always run. */
const BULK_SHARE = 0.1;
const LONGEST_REST_MS = 1000;

interface Waiting {
  /** Its number in the order of arrival, over all classes. */
  arrival: number;
  enter: () => void;
  timer: NodeJS.Timeout;
}

/** Who waits in one class, first come first served, and how many of the class run. */
interface Line {
  most: number;
  running: number;
  waiting: Set<Waiting>;
}

/**
 * Lets a bounded number of statements run at once, in the order of their arrival. The rest waits, so many and for so
 * long: without bounds a saturated pool would answer ever later instead of saying no. Bulk reads hold at most a small
 * share of the places. One that waits for that share is overtaken by ordinary statements, which never wait for it.
 * Where ordinary statements came meanwhile, the place of a bulk read then stays empty for as long as it was held: the
 * answer is still to be made and sent, and processors and disk are for the others too.
 */
export class Gate {
  readonly #places: number;
  readonly #longestQueue: number;
  readonly #deadlineMs: number;
  readonly #lines: Record<StatementClass, Line>;
  #running = 0;
  #arrivals = 0;
  /** Ordinary statements so far. */
  #ordinary = 0;

  constructor(options: { places: number; longestQueue: number; deadlineSeconds: number }) {
    this.#places = options.places;
    this.#longestQueue = options.longestQueue;
    this.#deadlineMs = options.deadlineSeconds * 1000;
    this.#lines = {
      ordinary: { most: options.places, running: 0, waiting: new Set() },
      bulk: { most: Math.max(1, Math.floor(options.places * BULK_SHARE)), running: 0, waiting: new Set() },
    };
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#lines.ordinary.waiting.size + this.#lines.bulk.waiting.size;
  }

  /** Runs `task` when there is a place. Throws 503 `overloaded` when there is none within the deadline. */
  async pass<T>(task: () => PromiseLike<T>, statementClass: StatementClass = 'ordinary'): Promise<T> {
    const line = this.#lines[statementClass];
    if (statementClass === 'ordinary') this.#ordinary++;
    if (this.#hasPlaceFor(line)) this.#take(line);
    else await this.#wait(line);
    const [from, before] = [performance.now(), this.#ordinary];
    try {
      return await task();
    } finally {
      this.#running--;
      const restMs = Math.min(performance.now() - from, LONGEST_REST_MS);
      if (statementClass === 'bulk' && this.#ordinary > before)
        setTimeout(() => this.#leave(line), restMs).unref();
      else this.#leave(line);
      this.#admit();
    }
  }

  #leave(line: Line): void {
    line.running--;
    this.#admit();
  }

  #hasPlaceFor(line: Line): boolean {
    return this.#running < this.#places && line.running < line.most;
  }

  #take(line: Line): void {
    line.running++;
    this.#running++;
  }

  #wait(line: Line): Promise<void> {
    if (line.waiting.size >= this.#longestQueue) {
      return Promise.reject(unavailable('overloaded', 'Too many requests wait for a database connection.'));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        arrival: ++this.#arrivals,
        enter: resolve,
        timer: setTimeout(() => {
          line.waiting.delete(waiting);
          reject(unavailable('overloaded', 'No database connection became free in time.'));
        }, this.#deadlineMs),
      };
      line.waiting.add(waiting);
    });
  }

  /** Gives the place that became free to who waits longest among those who may take it. */
  #admit(): void {
    let first: { line: Line; waiting: Waiting } | undefined;
    for (const line of [this.#lines.ordinary, this.#lines.bulk]) {
      const [waiting] = line.waiting;
      if (!waiting || !this.#hasPlaceFor(line)) continue;
      if (!first || waiting.arrival < first.waiting.arrival) first = { line, waiting };
    }
    if (!first) return;
    const { line, waiting } = first;
    line.waiting.delete(waiting);
    clearTimeout(waiting.timer);
    this.#take(line);
    waiting.enter();
  }
}
