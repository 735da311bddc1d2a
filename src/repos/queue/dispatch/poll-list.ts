import type { Poll } from './poll.js';
import type { PollOptions } from './poll-request.js';

/**
 * The polls of one queue, first come, first served. Thousands of polls may wait at a quiet queue for hours, so the cost
 * of a claim must not grow with their number.
 */
export class PollList {
  readonly #all = new Set<Poll>();
  /** The polls that a claim has to look at. The others only wait for a job or for their timer. */
  readonly #unsettled = new Set<Poll>();
  /** The newest poll of each worker and idempotency key. */
  readonly #newest = new Map<string, Poll>();
  /** How many polls ask for more than one job. */
  #greedy = 0;

  get size(): number {
    return this.#all.size;
  }

  get hasGreedy(): boolean {
    return this.#greedy > 0;
  }

  has(poll: Poll): boolean {
    return this.#all.has(poll);
  }

  [Symbol.iterator](): IterableIterator<Poll> {
    return this.#all.values();
  }

  /** Adds a poll. It replaces the older poll of the same worker and idempotency key. */
  add(poll: Poll): void {
    const key = keyOf(poll.options);
    if (key !== undefined) {
      const older = this.#newest.get(key);
      this.#newest.set(key, poll);
      older?.replaceBy(poll);
    }
    this.#all.add(poll);
    this.#unsettled.add(poll);
    if (poll.options.max > 1) this.#greedy++;
  }

  remove(poll: Poll): void {
    if (!this.#all.delete(poll)) return;
    this.#unsettled.delete(poll);
    if (poll.options.max > 1) this.#greedy--;
    const key = keyOf(poll.options);
    if (key === undefined || this.#newest.get(key) !== poll) return;
    // The next poll of this key must wait for what is in flight for the older one.
    if (poll.predecessor?.isInFlight) this.#newest.set(key, poll.predecessor);
    else this.#newest.delete(key);
  }

  /** The first polls that pass the test, at most `most`. */
  first(most: number, isWanted: (poll: Poll) => boolean): Poll[] {
    const found: Poll[] = [];
    for (const poll of this.#all) {
      if (found.length === most) break;
      if (isWanted(poll)) found.push(poll);
    }
    return found;
  }

  /** The unsettled polls that nothing is in flight for. */
  unsettled(): Poll[] {
    return [...this.#unsettled].filter(({ isFree }) => isFree);
  }

  hasUnsettled(isWanted: (poll: Poll) => boolean): boolean {
    for (const poll of this.#unsettled) if (poll.isFree && isWanted(poll)) return true;
    return false;
  }

  unsettle(poll: Poll): void {
    if (this.#all.has(poll)) this.#unsettled.add(poll);
  }

  /** Claims need no longer look at this poll: it gets a job, or its timer ends its wait. */
  settle(poll: Poll): void {
    this.#unsettled.delete(poll);
  }
}

/** The length tells where the id of the worker ends. */
function keyOf({ worker_id, idempotency_key }: PollOptions): string | undefined {
  return idempotency_key === undefined ? undefined : `${worker_id.length} ${worker_id}${idempotency_key}`;
}
