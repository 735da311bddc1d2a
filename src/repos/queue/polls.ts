import type { Claim, ClaimedJob, Slot } from './claim.js';
import type { Lease } from './lease.js';

export interface PollOptions {
  worker_id: string;
  /** Most jobs to get. */
  max: number;
  waitSeconds: number;
  lease_seconds?: number | undefined;
  idempotency_key?: string | undefined;
  /** Leases that the worker has done: completed by the first claim for it, in the same commit. */
  done: Lease[];
}

/**
 * Hands out jobs to slots, and completes leases. `unsureMs` is how long until it can say that nothing else is
 * ready; 0 is at once.
 */
export type ClaimFor = (
  queue: string,
  slots: Slot[],
  done: Lease[],
) => Promise<Claim & { unsureMs: number | undefined }>;

/** What a poll is answered with. */
export interface Handed {
  /** None when the wait ended. */
  jobs: ClaimedJob[];
  /** Which of the leases that it brought were held, and are completed; undefined where no claim took them along. */
  held: boolean[] | undefined;
}

/** A pop that waits for its jobs. It holds no database connection. */
interface Poll extends PollOptions {
  /** Answers it, once. */
  answer: (jobs: ClaimedJob[]) => void;
  fail: (error: unknown) => void;
  /** A claim for it is in flight: it cannot be answered empty before that is known. */
  claiming: boolean;
  /** A claim has begun since it came. */
  asked: boolean;
  /** Such a claim was sure that nothing is left: who waits for 0 seconds gets a look at the queue too. */
  seen: boolean;
  /** Its wait is over; it is answered as soon as it is sure that there is nothing for it. */
  expired: boolean;
  /** Nobody waits for it any more; it is answered as soon as no claim for it is in flight. */
  left: boolean;
  /** The newer poll of the same worker and key that replaced it, and gets what this one was handed. */
  heir: Poll | undefined;
  /** What was handed to those that it replaced. */
  inherited: ClaimedJob[];
  /** What became of the leases that it brought; undefined before a claim took them along. */
  held: boolean[] | undefined;
}

/** A poll that waits, as who asked for it sees it. */
interface Parked {
  answer: Promise<Handed>;
  /** Ends the wait early. */
  leave: () => void;
  /** Leaves what it was handed to a newer poll with its idempotency key; false where none waits any more. */
  passOn: (handed: ClaimedJob[]) => boolean;
  /** What was handed to those that it replaced, once. */
  takeInherited: () => ClaimedJob[];
}

/** How long a poll whose wait is over is kept for a claim that is sure. */
const LONGEST_DOUBT_MS = 1000;
/** Most jobs that one statement hands out, and most leases that it completes. */
const MOST_SLOTS = 1000;
/** Fewest polls that one statement claims for, where there are so many. */
const NARROWEST = 8;

/**
 * The polls that wait at one queue, first come, first served. One claim is in flight at a time, for all of
 * them: a wake-up or a poll that comes meanwhile makes it claim again, so that only a poll whose claim began
 * after the last wake-up stays parked.
 */
export class QueuePolls {
  readonly #queue: string;
  readonly #claim: ClaimFor;
  readonly #polls = new Set<Poll>();
  #dirty = false;
  /** How many single-job polls to claim for: one push should not make a statement for a thousand of them. */
  #width = NARROWEST;
  #running: Promise<void> | undefined;

  constructor(queue: string, claim: ClaimFor) {
    this.#queue = queue;
    this.#claim = claim;
  }

  get size(): number {
    return this.#polls.size;
  }

  /** Waits for jobs, at most `waitSeconds`. */
  poll(options: PollOptions): Parked {
    let parked: Poll | undefined;
    const answer = new Promise<Handed>((resolve, reject) => {
      const finish =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.#polls.delete(poll);
          settle(value);
        };
      const poll: Poll = {
        ...options,
        answer: (jobs) => finish(resolve)({ jobs, held: poll.held }),
        fail: finish(reject),
        claiming: false,
        asked: false,
        seen: false,
        expired: false,
        left: false,
        heir: undefined,
        inherited: [],
        held: undefined,
      };
      const timer = setTimeout(() => {
        poll.expired = true;
        if (poll.seen && !poll.claiming) poll.answer([]);
        else this.wake();
      }, options.waitSeconds * 1000);
      this.#supersede(poll);
      this.#polls.add(poll);
      parked = poll;
    });
    this.wake();
    return {
      answer,
      leave: () => parked && dismiss(parked),
      passOn: (handed) => passOn(parked, handed),
      takeInherited: () => parked?.inherited.splice(0) ?? [],
    };
  }

  /** There may be ready jobs. */
  wake(): void {
    this.#dirty = true;
    if (this.#polls.size > 0) this.#running ??= this.#run();
  }

  /** Resolves when no claim is in flight. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Answers every parked poll with nothing. */
  dismissAll(): void {
    for (const poll of [...this.#polls]) dismiss(poll);
  }

  /** The same worker asked again with the same key: its earlier poll has nobody who waits for it. */
  #supersede(poll: Poll): void {
    const { worker_id, idempotency_key } = poll;
    if (idempotency_key === undefined) return;
    for (const other of this.#polls) {
      if (other.worker_id !== worker_id || other.idempotency_key !== idempotency_key) continue;
      other.heir = poll;
      dismiss(other);
    }
  }

  async #run(): Promise<void> {
    // Polls of the same turn of the event loop are claimed for together.
    await Promise.resolve();
    while (this.#dirty && this.#polls.size > 0) {
      this.#dirty = false;
      await this.#claimOnce();
    }
    this.#running = undefined;
  }

  /** The first of those that wait; all where some want several, so that each gets one before any gets more. */
  #chooseForClaim(): Poll[] {
    const waiting = [...this.#polls].slice(0, MOST_SLOTS);
    return waiting.every(({ max }) => max === 1) ? waiting.slice(0, this.#width) : waiting;
  }

  /** Leases that came since the claim began, or were too many for it, are not to wait for the next push. */
  #hasUnbroughtLeases(): boolean {
    for (const { done, held } of this.#polls) if (done.length > 0 && !held) return true;
    return false;
  }

  async #claimOnce(): Promise<void> {
    const { polls, slots } = dealSlots(this.#chooseForClaim());
    const bringing = chooseForCompletion(this.#polls);
    const involved = new Set([...polls, ...bringing]);
    for (const poll of this.#polls) poll.asked = true;
    for (const poll of involved) poll.claiming = true;
    try {
      const done = bringing.flatMap((poll) => poll.done);
      const { jobs, truncated, held, unsureMs } = await this.#claim(this.#queue, slots, done);
      for (const poll of bringing) poll.held = held.splice(0, poll.done.length);
      const hands = polls.map((): ClaimedJob[] => []);
      for (const job of jobs) hands[job.poll]?.push(job);
      const isSure = unsureMs === undefined || unsureMs > LONGEST_DOUBT_MS;
      for (const poll of involved) poll.claiming = false;
      polls.forEach((poll, at) => {
        const hand = hands[at] ?? [];
        if (hand.length > 0) poll.answer(hand);
      });
      for (const poll of involved) if (poll.left) poll.answer([]);
      // A claim that found less than it asked for has seen the queue empty: that goes for all who wait.
      const isFull = jobs.length === slots.length;
      if (isSure && !isFull && !truncated) {
        for (const poll of [...this.#polls]) {
          poll.seen = poll.asked;
          if (poll.expired && poll.seen) poll.answer([]);
        }
      }
      if (truncated || (isFull && this.#polls.size > 0)) this.#dirty = true;
      if (this.#hasUnbroughtLeases()) this.#dirty = true;
      if (unsureMs === 0) this.#dirty = true;
      else if (unsureMs !== undefined) setTimeout(() => this.wake(), unsureMs);
      this.#width = Math.max(NARROWEST, 2 * (isFull ? this.#width : jobs.length));
    } catch (error) {
      for (const poll of involved) poll.fail(error);
      // Nobody would look again for those whose wait is over.
      for (const poll of [...this.#polls]) if (poll.expired) poll.fail(error);
    }
  }
}

/** Ends a poll; where a claim is in flight, with what it brings. */
function dismiss(poll: Poll): void {
  poll.left = true;
  if (!poll.claiming) poll.answer([]);
}

/** Those whose leases this claim completes, whether it asks for jobs for them or not. */
function chooseForCompletion(polls: Iterable<Poll>): Poll[] {
  let leases = 0;
  return [...polls].filter(({ done, held }) => {
    if (held || done.length === 0 || (leases > 0 && leases + done.length > MOST_SLOTS)) return false;
    leases += done.length;
    return true;
  });
}

function passOn(poll: Poll | undefined, handed: ClaimedJob[]): boolean {
  let heir = poll?.heir;
  while (heir?.heir) heir = heir.heir;
  if (!heir || heir.left) return false;
  heir.inherited.push(...handed);
  return true;
}

/** A slot for each poll before any gets a second, up to what each wants. */
function dealSlots(polls: Poll[]): { polls: Poll[]; slots: Slot[] } {
  const slots: Slot[] = [];
  for (let round = 1; slots.length < MOST_SLOTS; round++) {
    const wanting = polls.map((poll, at) => ({ poll, at })).filter(({ poll }) => poll.max >= round);
    if (wanting.length === 0) break;
    for (const { poll, at } of wanting.slice(0, MOST_SLOTS - slots.length)) {
      slots.push({
        poll: at,
        slot: round,
        worker_id: poll.worker_id,
        idempotency_key: poll.idempotency_key,
        lease_seconds: poll.lease_seconds,
      });
    }
  }
  return { polls, slots };
}
