import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../problems.js';

/** The pause between two rounds in which all waiting calls are retried. */
const ROUND_PAUSE_MS = 50;
/** How many locks are tried at a time. Each try may hold a session until the lock timeout. */
const MAX_PARALLEL_TRIES = 4;

interface Blockable {
  reject: (error: unknown) => void;
  /** After this time it fails with 503 `contended`. */
  maxBlockedMs: number;
}

interface Waiting<Call> {
  call: Call;
  until: number;
}

/**
 * Calls that wait for a lock which another transaction holds. Of the calls that wait for the same lock, the first is
 * retried in every round, until it succeeds or its time is over. When it succeeds, the others follow together.
 */
export class BlockedCalls<Call extends Blockable> {
  readonly #retry: (calls: Call[]) => Promise<Call[]>;
  /** By the name of the lock. A call whose lock has no name is its own key. */
  readonly #calls = new Map<string | Call, Waiting<Call>[]>();
  /** Locks that came since the last round. They are tried first, as their calls may not be blocked at all. */
  readonly #untried = new Set<string | Call>();
  #running: Promise<void> | undefined;

  /** @param retry answers the calls, in statements of their own; resolves to the calls that are still blocked */
  constructor(retry: (calls: Call[]) => Promise<Call[]>) {
    this.#retry = retry;
  }

  /** Adds the call if others already wait for this lock. Returns whether it was added. */
  join(lock: string | undefined, call: Call): boolean {
    if (lock === undefined || !this.#calls.has(lock)) return false;
    this.add(lock, call);
    return true;
  }

  add(lock: string | undefined, call: Call): void {
    this.#add(lock ?? call, { call, until: performance.now() + call.maxBlockedMs });
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  #add(lock: string | Call, waiting: Waiting<Call>): void {
    const others = this.#calls.get(lock);
    if (others) others.push(waiting);
    else {
      this.#calls.set(lock, [waiting]);
      this.#untried.add(lock);
    }
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#calls.size > 0) {
      await sleep(ROUND_PAUSE_MS);
      const all = [...this.#calls.keys()].filter((lock) => !this.#untried.has(lock)).values();
      const work = async (): Promise<void> => {
        for (let lock = this.#next(all); lock !== undefined; lock = this.#next(all))
          await this.#tryLock(lock);
      };
      await Promise.all(Array.from({ length: MAX_PARALLEL_TRIES }, work));
    }
    this.#running = undefined;
  }

  /** The next lock that is to be tried: the new ones first, then those of the round. */
  #next(all: Iterator<string | Call, undefined>): string | Call | undefined {
    const [first] = this.#untried;
    if (first === undefined) return all.next().value;
    this.#untried.delete(first);
    return first;
  }

  async #tryLock(lock: string | Call): Promise<void> {
    const waiting = this.#calls.get(lock) ?? [];
    const [first] = waiting;
    if (!first) return;
    if ((await this.#retry([first.call])).length > 0) {
      this.#rejectExpired(lock);
      return;
    }
    // The lock is free: further calls that need it are sent with all other calls again.
    this.#calls.delete(lock);
    const rest = waiting.slice(1);
    const blocked = new Set(await this.#retry(rest.map(({ call }) => call)));
    for (const one of rest) if (blocked.has(one.call)) this.#add(lock, one);
  }

  #rejectExpired(lock: string | Call): void {
    const waiting = this.#calls.get(lock) ?? [];
    const now = performance.now();
    const left = waiting.filter(({ until }) => now < until);
    for (const { call, until } of waiting) {
      if (now >= until)
        call.reject(unavailable('contended', 'Another transaction has locked what this request needs.'));
    }
    if (left.length > 0) this.#calls.set(lock, left);
    else this.#calls.delete(lock);
  }
}
