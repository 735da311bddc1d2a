import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../problems.js';

/** Between two rounds in which everything that waits is tried again. */
const PAUSE_MS = 50;
/** So many locks are tried at a time: each try may take a session for as long as the lock timeout. */
const AT_A_TIME = 4;

interface Rejectable {
  reject: (error: unknown) => void;
}

/**
 * Calls that wait for a lock which another transaction holds. Each is tried again by itself in every round, until it
 * gets through or its patience ends. Calls that wait for the same lock go one after the other.
 */
export class BlockedCalls<Call extends Rejectable> {
  readonly #tryAlone: (call: Call) => Promise<boolean>;
  readonly #patienceMs: number;
  /** By lock; a call without a name for it waits under itself. */
  readonly #calls = new Map<string | Call, { call: Call; until: number }[]>();
  #running: Promise<void> | undefined;

  /** @param tryAlone answers the call, or resolves to false where it is blocked still */
  constructor(tryAlone: (call: Call) => Promise<boolean>, patienceMs: number) {
    this.#tryAlone = tryAlone;
    this.#patienceMs = patienceMs;
  }

  /** Waits with those that wait for this lock already; false where none does. */
  join(lock: string | undefined, call: Call): boolean {
    if (lock === undefined || !this.#calls.has(lock)) return false;
    this.add(lock, call);
    return true;
  }

  add(lock: string | undefined, call: Call): void {
    const waiting = { call, until: performance.now() + this.#patienceMs };
    const others = this.#calls.get(lock ?? call);
    if (others) others.push(waiting);
    else this.#calls.set(lock ?? call, [waiting]);
    this.#running ??= this.#run();
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#calls.size > 0) {
      await sleep(PAUSE_MS);
      const locks = [...this.#calls.keys()].values();
      const work = async (): Promise<void> => {
        for (const lock of locks) await this.#tryLock(lock);
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, work));
    }
    this.#running = undefined;
  }

  /** Tries the calls of one lock until one is blocked still; ends those whose time is over. */
  async #tryLock(lock: string | Call): Promise<void> {
    const waiting = this.#calls.get(lock) ?? [];
    for (let [first] = waiting; first && (await this.#tryAlone(first.call)); [first] = waiting)
      waiting.shift();
    const now = performance.now();
    const left = waiting.filter(({ until }) => now < until);
    for (const { call, until } of waiting) {
      if (now >= until) call.reject(unavailable('contended', 'Another transaction holds what this needs.'));
    }
    if (left.length > 0) this.#calls.set(lock, left);
    else this.#calls.delete(lock);
  }
}
