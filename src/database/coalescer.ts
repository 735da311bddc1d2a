import { BlockedCalls } from './blocked-calls.js';
import { isFaultOfAnItem, isLockTimeout } from './errors.js';
import { Halves } from './halves.js';
import type { LockPatience } from './lock-timeout.js';

export interface Call<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
  onBlocked: () => void;
}

interface Options<Item, Result> {
  /**
   * One statement for all items; one result for each, in their order. It must not wait long for a lock: it skips
   * locked rows (see `isBlocked`), or has a lock timeout (lock-timeout.ts).
   */
  run: (items: Item[], patience: LockPatience) => Promise<Result[]>;
  /** Most items of a statement. */
  most?: number;
  /** How heavy an item is, and how heavy the items of a statement together may be, in bytes. */
  weigh?: (item: Item) => number;
  heaviest?: number;
  /** Tells from a result that the item's row was skipped, because another transaction has locked it. */
  isBlocked?: (result: Result) => boolean;
  /** Names the lock that an item may wait for. While an item waits for it, others that need the same wait with it. */
  lockOf?: (item: Item) => string | undefined;
  /** How long a blocked item is tried again before its call fails with 503 `contended`. */
  patienceMs?: number;
}

/** So many items of a batch that met a lock timeout are tried alone at a time. */
const SINGLES_AT_A_TIME = 4;
/** After so many of them that are blocked, the others are tried apart from what comes next, too. */
const MOST_BLOCKED = 8;

/**
 * Gathers calls while a statement is in flight, and sends what gathered when it returns. Back-pressure
 * is the only timer: an idle service adds no latency, and under load one commit carries hundreds of calls.
 *
 * No item holds up the others. One whose own fault fails the statement is found by halving, and fails alone; one whose
 * row or key another transaction holds is tried again apart from the others (docs/isolation.md).
 */
export class Coalescer<Item, Result> {
  readonly #options: Required<Options<Item, Result>>;
  readonly #halves = new Halves();
  readonly #blocked: BlockedCalls<Call<Item, Result>>;
  #waiting: Call<Item, Result>[] = [];
  #running: Promise<void> | undefined;
  #observe: (items: Item[], results: Result[]) => void = () => {};

  constructor(options: Options<Item, Result>) {
    this.#options = {
      most: 1000,
      weigh: () => 0,
      heaviest: 8 * 1024 * 1024,
      isBlocked: () => false,
      lockOf: () => undefined,
      patienceMs: 10_000,
      ...options,
    };
    this.#blocked = new BlockedCalls((calls) => this.#tryAgain(calls), this.#options.patienceMs);
  }

  /** @param onBlocked another transaction holds what the item needs: its answer will take a while */
  call(item: Item, onBlocked: () => void = () => {}): Promise<Result> {
    const answer = new Promise<Result>((resolve, reject) => {
      const call = { item, resolve, reject, onBlocked };
      if (!this.#blocked.join(this.#options.lockOf(item), call)) this.#waiting.push(call);
    });
    if (this.#waiting.length > 0) this.#running ??= this.#drain();
    return answer;
  }

  /** Calls back after each statement, with what it was for and what came of it. */
  observe(onBatch: (items: Item[], results: Result[]) => void): void {
    this.#observe = onBatch;
  }

  /** Resolves when all that was called has been answered. */
  async idle(): Promise<void> {
    await this.#running;
    await this.#blocked.idle();
  }

  async #drain(): Promise<void> {
    // Calls of the same turn of the event loop travel together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#run(this.#takeBatch());
    this.#running = undefined;
  }

  #takeBatch(): Call<Item, Result>[] {
    const calls = this.#takeFrom(this.#waiting, this.#halves.most(this.#waiting.length));
    this.#halves.answered(calls.length);
    return calls;
  }

  /** Takes from the front what one statement may be for. */
  #takeFrom(waiting: Call<Item, Result>[], mostNow: number): Call<Item, Result>[] {
    const { most, weigh, heaviest } = this.#options;
    let weight = 0;
    let count = 0;
    for (const { item } of waiting) {
      weight += weigh(item);
      if (count > 0 && (count === Math.min(most, mostNow) || weight > heaviest)) break;
      count++;
    }
    return waiting.splice(0, count);
  }

  async #run(calls: Call<Item, Result>[]): Promise<void> {
    try {
      for (const call of await this.#answer(calls, 'long')) this.#block(call);
    } catch (error) {
      if (calls.length > 1 && isFaultOfAnItem(error)) {
        const half = Math.ceil(calls.length / 2);
        await this.#run(calls.slice(0, half));
        await this.#run(calls.slice(half));
      } else if (isLockTimeout(error)) await this.#runSingles(calls);
      else for (const { reject } of calls) reject(error);
    }
  }

  /** Runs one statement and answers the calls; returns those that are blocked. */
  async #answer(calls: Call<Item, Result>[], patience: LockPatience): Promise<Call<Item, Result>[]> {
    const results = await this.#options.run(
      calls.map(({ item }) => item),
      patience,
    );
    const blocked: Call<Item, Result>[] = [];
    const items: Item[] = [];
    const answered: Result[] = [];
    for (const [at, call] of calls.entries()) {
      const result = results[at];
      if (result === undefined)
        call.reject(new Error('A statement returned fewer results than it was given items.'));
      else if (this.#options.isBlocked(result)) blocked.push(call);
      else {
        items.push(call.item);
        answered.push(result);
        call.resolve(result);
      }
    }
    this.#observe(items, answered);
    return blocked;
  }

  /** One of them waited for a lock until the lock timeout: each goes alone, and that one is blocked. */
  async #runSingles(calls: Call<Item, Result>[]): Promise<void> {
    const rest = calls.values();
    let blocked = 0;
    const work = async (): Promise<void> => {
      for (const call of rest) {
        const isWorthIt = calls.length > 1 && blocked < MOST_BLOCKED;
        if (isWorthIt && (await this.#tryAgain([call])).length === 0) continue;
        blocked++;
        this.#block(call);
      }
    };
    await Promise.all(Array.from({ length: SINGLES_AT_A_TIME }, work));
  }

  #block(call: Call<Item, Result>): void {
    this.#blocked.add(this.#options.lockOf(call.item), call);
    call.onBlocked();
  }

  /** Answers the calls, in statements of their own; returns those that are blocked still. */
  async #tryAgain(calls: Call<Item, Result>[]): Promise<Call<Item, Result>[]> {
    const left = [...calls];
    const blocked: Call<Item, Result>[] = [];
    while (left.length > 0) {
      const batch = this.#takeFrom(left, left.length);
      try {
        blocked.push(...(await this.#answer(batch, 'short')));
      } catch (error) {
        if (isLockTimeout(error)) return [...blocked, ...batch, ...left];
        if (batch.length > 1 && isFaultOfAnItem(error)) {
          for (const call of batch) blocked.push(...(await this.#tryAgain([call])));
        } else for (const { reject } of batch) reject(error);
      }
    }
    return blocked;
  }
}
