import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../problems.js';

/** Between two rounds in which everything that waits is tried again. */
const PAUSE_MS = 50;
/** So many locks are tried at a time: each try may take a session for as long as its lock timeout. */
const AT_A_TIME = 4;

interface Rejectable {
  reject: (error: unknown) => void;
}

interface Waiting<Call> {
  call: Call;
  until: number;
}

/**
 * Calls that wait for a lock which another transaction holds. Of those that wait for the same one, the first is tried
 * again in every round, until it gets through or its patience ends. When it gets through, the others follow together.
 */
export class BlockedCalls<Call extends Rejectable> {
  readonly #tryAgain: (calls: Call[]) => Promise<Call[]>;
  readonly #patienceMs: number;
  /** By lock; a call without a name for it waits under itself. */
  readonly #calls = new Map<string | Call, Waiting<Call>[]>();
  /** Those that came since they were looked for last. Some may not be blocked at all, and are tried before all others. */
  readonly #untried = new Set<string | Call>();
  #running: Promise<void> | undefined;

  /** @param tryAgain answers the calls, in statements of their own; resolves to those that are blocked still */
  constructor(tryAgain: (calls: Call[]) => Promise<Call[]>, patienceMs: number) {
    this.#tryAgain = tryAgain;
    this.#patienceMs = patienceMs;
  }

  /** Waits with those that wait for this lock already; false where none does. */
  join(lock: string | undefined, call: Call): boolean {
    if (lock === undefined || !this.#calls.has(lock)) return false;
    this.add(lock, call);
    return true;
  }

  add(lock: string | undefined, call: Call): void {
    this.#add(lock ?? call, { call, until: performance.now() + this.#patienceMs });
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
      await sleep(PAUSE_MS);
      const all = [...this.#calls.keys()].filter((lock) => !this.#untried.has(lock)).values();
      const work = async (): Promise<void> => {
        for (let lock = this.#next(all); lock !== undefined; lock = this.#next(all))
          await this.#tryLock(lock);
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, work));
    }
    this.#running = undefined;
  }

  /** Of those that are not being tried now. */
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
    if ((await this.#tryAgain([first.call])).length > 0) {
      this.#endThoseOfNoPatience(lock);
      return;
    }
    // Who needs the lock from now on goes with everybody else again.
    this.#calls.delete(lock);
    const rest = waiting.slice(1);
    const blocked = new Set(await this.#tryAgain(rest.map(({ call }) => call)));
    for (const one of rest) if (blocked.has(one.call)) this.#add(lock, one);
  }

  #endThoseOfNoPatience(lock: string | Call): void {
    const waiting = this.#calls.get(lock) ?? [];
    const now = performance.now();
    const left = waiting.filter(({ until }) => now < until);
    for (const { call, until } of waiting) {
      if (now >= until) call.reject(unavailable('contended', 'Another transaction holds what this needs.'));
    }
    if (left.length > 0) this.#calls.set(lock, left);
    else this.#calls.delete(lock);
  }
}
