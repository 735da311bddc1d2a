import { isFaultOfAnItem } from './errors.js';
import { Halves } from './halves.js';

interface Call<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface Options<Item, Result> {
  /** One statement for all items; one result for each, in their order. */
  run: (items: Item[]) => Promise<Result[]>;
  /** Most items of a statement. */
  most?: number;
  /** How heavy an item is, and how heavy the items of a statement together may be, in bytes. */
  weigh?: (item: Item) => number;
  heaviest?: number;
}

/**
 * Gathers calls while a statement is in flight, and sends what gathered when it returns. Back-pressure
 * is the only timer: an idle service adds no latency, and under load one commit carries hundreds of calls.
 * An item whose own fault fails the statement is found by halving, and fails alone.
 */
export class Coalescer<Item, Result> {
  readonly #options: Required<Options<Item, Result>>;
  #waiting: Call<Item, Result>[] = [];
  readonly #halves = new Halves();
  #running: Promise<void> | undefined;
  #observe: (items: Item[], results: Result[]) => void = () => {};

  constructor(options: Options<Item, Result>) {
    this.#options = { most: 1000, weigh: () => 0, heaviest: 8 * 1024 * 1024, ...options };
  }

  call(item: Item): Promise<Result> {
    const answer = new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
    });
    this.#running ??= this.#drain();
    return answer;
  }

  /** Calls back after each statement, with what it was for and what came of it. */
  observe(onBatch: (items: Item[], results: Result[]) => void): void {
    this.#observe = onBatch;
  }

  /** Resolves when all that was called has been answered. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // Calls of the same turn of the event loop travel together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#run(this.#takeBatch());
    this.#running = undefined;
  }

  #takeBatch(): Call<Item, Result>[] {
    const { most, weigh, heaviest } = this.#options;
    const half = this.#halves.most(this.#waiting.length);
    let weight = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      weight += weigh(item);
      if (count > 0 && (count === Math.min(most, half) || weight > heaviest)) break;
      count++;
    }
    this.#halves.answered(count);
    return this.#waiting.splice(0, count);
  }

  async #run(calls: Call<Item, Result>[]): Promise<void> {
    try {
      const items = calls.map(({ item }) => item);
      const results = await this.#options.run(items);
      this.#observe(items, results);
      calls.forEach(({ resolve, reject }, at) => {
        const result = results[at];
        if (result === undefined)
          reject(new Error('A statement returned fewer results than it was given items.'));
        else resolve(result);
      });
    } catch (error) {
      if (calls.length > 1 && isFaultOfAnItem(error)) {
        const half = Math.ceil(calls.length / 2);
        await this.#run(calls.slice(0, half));
        await this.#run(calls.slice(half));
      } else for (const { reject } of calls) reject(error);
    }
  }
}
