import { currentRequesters, type Requesters, runFor } from '../requester.js';
import { BatchSize } from './batch-size.js';
import { BlockedCalls } from './blocked-calls.js';
import { isFaultOfAnItem, isLockTimeout } from './errors.js';
import type { LockTimeout } from './lock-timeout.js';
import { StatementRuns } from './statement-runs.js';

export interface Call<Item, Result> {
  item: Item;
  requesters: Requesters | undefined;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
  maxBlockedMs: number;
}

interface Options<Item, Result> {
  /**
   * One statement for all items; returns one result for each, in their order. It must not wait long for a lock: it
   * skips locked rows (see `isBlocked`), or has a lock timeout (lock-timeout.ts).
   */
  run: (items: Item[], lockTimeout: LockTimeout) => Promise<Result[]>;
  /** How many items a statement may be for. */
  maxItems?: number;
  /** The size of an item in bytes, and the maximum for the items of a statement together. */
  sizeOf?: (item: Item) => number;
  maxBytes?: number;
  /**
   * How many statements may be in flight if one takes long (statement-runs.ts). More than 1 is for reads, and for writes
   * with the short lock timeout: statements that write may wait for each other's locks.
   */
  maxInFlight?: number;
  /** Tells from a result that the item's row was skipped, because another transaction has locked it. */
  isBlocked?: (result: Result) => boolean;
  /** Names the lock that an item may wait for. While an item waits for it, others that need the same wait with it. */
  lockOf?: (item: Item) => string | undefined;
  /** How long a blocked item is retried before its call fails with 503 `contended`. */
  maxBlockedMs?: number;
}

/** How many items of a batch that met a lock timeout are tried at a time, each in a statement of its own. */
const MAX_PARALLEL_SINGLES = 4;
/** When this many of them are blocked, the rest is treated as blocked too, so that new calls do not wait for it. */
const MAX_BLOCKED = 8;

/**
 * Gathers calls while a statement is in flight, and sends them as one statement when it returns. Back-pressure is the
 * only timer: an idle service adds no latency, and under load one commit carries hundreds of calls.
 *
 * No item delays the others. An item that makes the statement fail is found by bisection, and fails alone. An item
 * whose row or key another transaction has locked is retried apart from the others (docs/isolation.md).
 */
export class Coalescer<Item, Result> {
  readonly #options: Required<Options<Item, Result>>;
  readonly #batchSize = new BatchSize();
  readonly #blocked: BlockedCalls<Call<Item, Result>>;
  #waiting: Call<Item, Result>[] = [];
  readonly #runs: StatementRuns;
  #observe: (items: Item[], results: Result[]) => void = () => {};

  constructor(options: Options<Item, Result>) {
    this.#options = {
      maxItems: 1000,
      sizeOf: () => 0,
      maxBytes: 8 * 1024 * 1024,
      maxInFlight: 1,
      isBlocked: () => false,
      lockOf: () => undefined,
      maxBlockedMs: 10_000,
      ...options,
    };
    this.#runs = new StatementRuns(
      this.#options.maxInFlight,
      () => this.#waiting.length > 0,
      () => this.#run(this.#takeBatch()),
    );
    this.#blocked = new BlockedCalls((calls) => this.#retry(calls));
  }

  /** @param maxBlockedMs as in the options, for this item */
  call(item: Item, maxBlockedMs = this.#options.maxBlockedMs): Promise<Result> {
    const answer = new Promise<Result>((resolve, reject) => {
      const call = { item, requesters: currentRequesters(), resolve, reject, maxBlockedMs };
      if (!this.#blocked.join(this.#options.lockOf(item), call)) this.#waiting.push(call);
    });
    if (this.#waiting.length > 0) this.#runs.wake();
    return answer;
  }

  /** Sets a function that is called after each statement, with its items and their results. */
  observe(onBatch: (items: Item[], results: Result[]) => void): void {
    this.#observe = onBatch;
  }

  /** Resolves when all calls have been answered. */
  async idle(): Promise<void> {
    await this.#runs.idle();
    await this.#blocked.idle();
  }

  #takeBatch(): Call<Item, Result>[] {
    const calls = this.#takeFrom(this.#waiting, this.#batchSize.limit(this.#waiting.length));
    this.#batchSize.answered(calls.length);
    return calls;
  }

  /** Takes from the front as many calls as one statement may be for. */
  #takeFrom(waiting: Call<Item, Result>[], mostNow: number): Call<Item, Result>[] {
    const { maxItems, sizeOf, maxBytes } = this.#options;
    let weight = 0;
    let count = 0;
    for (const { item } of waiting) {
      weight += sizeOf(item);
      if (count > 0 && (count === Math.min(maxItems, mostNow) || weight > maxBytes)) break;
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
  async #answer(calls: Call<Item, Result>[], lockTimeout: LockTimeout): Promise<Call<Item, Result>[]> {
    const results = await runFor(
      calls.map(({ requesters }) => requesters),
      () =>
        this.#options.run(
          calls.map(({ item }) => item),
          lockTimeout,
        ),
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

  /** One of the calls waited for a lock until the lock timeout. Each call now has a statement of its own, which shows which one it was. */
  async #runSingles(calls: Call<Item, Result>[]): Promise<void> {
    const rest = calls.values();
    let blocked = 0;
    const work = async (): Promise<void> => {
      for (const call of rest) {
        const isWorthIt = calls.length > 1 && blocked < MAX_BLOCKED;
        if (isWorthIt && (await this.#retry([call])).length === 0) continue;
        blocked++;
        this.#block(call);
      }
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL_SINGLES }, work));
  }

  #block(call: Call<Item, Result>): void {
    this.#blocked.add(this.#options.lockOf(call.item), call);
  }

  /** Answers the calls, in statements of their own; returns those that are still blocked. */
  async #retry(calls: Call<Item, Result>[]): Promise<Call<Item, Result>[]> {
    const left = [...calls];
    const blocked: Call<Item, Result>[] = [];
    while (left.length > 0) {
      const batch = this.#takeFrom(left, left.length);
      try {
        blocked.push(...(await this.#answer(batch, 'short')));
      } catch (error) {
        if (isLockTimeout(error)) return [...blocked, ...batch, ...left];
        if (batch.length > 1 && isFaultOfAnItem(error)) {
          for (const call of batch) blocked.push(...(await this.#retry([call])));
        } else for (const { reject } of batch) reject(error);
      }
    }
    return blocked;
  }
}
