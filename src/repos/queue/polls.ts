import { Halves } from '../../database/halves.js';
import { type Claim, type ClaimedJob, lookingSlots, type Slot } from './claim.js';
import type { Lease } from './lease.js';
import { chooseForCompletion, dealSlots, type Home, hand, Poll, type PollOptions } from './poll.js';

/**
 * Hands out jobs to slots, and completes leases. `unsureMs` is how long until it can say that nothing else is
 * ready; 0 is at once. `isCalm` where nothing speaks for it: nobody has told of a job since it last could say so.
 */
export type ClaimFor = (
  queue: string,
  slots: Slot[],
  done: Lease[],
) => Promise<Claim & { unsureMs: number | undefined; isCalm: boolean }>;

/** Slots of polls that wait, for jobs that are about to be pushed. */
export interface Reservation {
  slots: Slot[];
  /** Answers the polls with the jobs that they got, by slot; those that got none wait on. */
  settle: (jobs: (ClaimedJob | undefined)[]) => void;
}

/** How long a poll whose wait is over is kept for a claim that is sure. */
const LONGEST_DOUBT_MS = 1000;
/** How much before its time a timer may fire: a claim that came too early for the look would be made in vain. */
const TIMER_EARLY_MS = 1;
/** Most jobs that one statement hands out, and most leases that it completes. */
const MOST_SLOTS = 1000;
/** Fewest polls that one statement claims for, where there are so many. */
const NARROWEST = 8;
/** A poll whose key holds jobs that another transaction has locked is claimed for again after this. */
const BLOCKED_MS = 100;

/**
 * The polls that wait at one queue, first come, first served. One claim is in flight at a time, for all of
 * them: a wake-up or a poll that comes meanwhile makes it claim again, so that only a poll whose claim began
 * after the last wake-up stays parked.
 */
export class QueuePolls implements Home {
  readonly #queue: string;
  readonly #claim: ClaimFor;
  readonly #polls = new Set<Poll>();
  #dirty = false;
  /** How many single-job polls to claim for: one push should not make a statement for a thousand of them. */
  #width = NARROWEST;
  readonly #halves = new Halves();
  #running: Promise<void> | undefined;
  #blockedTimer: NodeJS.Timeout | undefined;

  constructor(queue: string, claim: ClaimFor) {
    this.#queue = queue;
    this.#claim = claim;
  }

  get size(): number {
    return this.#polls.size;
  }

  /** Waits for jobs, at most `waitSeconds`. */
  poll(options: PollOptions): Poll {
    const poll = new Poll(options, this);
    this.#supersede(poll);
    this.#polls.add(poll);
    this.wake();
    return poll;
  }

  forget(poll: Poll): void {
    this.#polls.delete(poll);
  }

  /** There may be ready jobs. */
  wake(): void {
    this.#dirty = true;
    if (this.#polls.size > 0) this.#running ??= this.#run();
  }

  /**
   * Slots for as many jobs, of polls that a claim has found nothing for: what is pushed now can go to them
   * within the statement that inserts it. Undefined where none waits so.
   */
  reserve(most: number): Reservation | undefined {
    if (this.#running || this.#polls.size === 0) return undefined;
    const idle: Poll[] = [];
    for (const poll of this.#polls) {
      if (idle.length === most) break;
      if (poll.isFree && poll.asked && (poll.held || poll.done.length === 0)) idle.push(poll);
    }
    const { polls, slots } = dealSlots(idle, most);
    if (slots.length === 0) return undefined;
    for (const poll of polls) poll.busy = true;
    return {
      slots,
      settle: (jobs) => {
        hand(polls, slots, jobs);
        // What became ready meanwhile was not looked at for them, and for those that replace them.
        if (jobs.some((job) => !job) || polls.some(({ heir }) => heir)) this.wake();
      },
    };
  }

  /** Resolves when no claim is in flight. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Answers every parked poll with nothing. */
  dismissAll(): void {
    for (const poll of [...this.#polls]) poll.leave();
  }

  /** The same worker asked again with the same key: its earlier poll has nobody who waits for it. */
  #supersede(poll: Poll): void {
    const { worker_id, idempotency_key } = poll;
    if (idempotency_key === undefined) return;
    for (const other of this.#polls) {
      if (other.worker_id !== worker_id || other.idempotency_key !== idempotency_key) continue;
      other.heir = poll;
      if (other.busy) poll.predecessor = other;
      other.leave();
    }
  }

  async #run(): Promise<void> {
    // Polls of the same turn of the event loop are claimed for together.
    await Promise.resolve();
    while (this.#dirty && this.#someWaits(() => true)) {
      this.#dirty = false;
      await this.#claimOnce();
    }
    this.#running = undefined;
  }

  /** Those that can be claimed for. */
  #waiting(): Poll[] {
    return [...this.#polls].filter(({ isFree }) => isFree);
  }

  /** Whether one that can be claimed for is such. */
  #someWaits(isSuch: (poll: Poll) => boolean): boolean {
    for (const poll of this.#polls) if (poll.isFree && isSuch(poll)) return true;
    return false;
  }

  /** The first of those that wait; all where some want several, so that each gets one before any gets more. */
  #chooseForClaim(waiting: Poll[]): Poll[] {
    if (!waiting.every(({ max }) => max === 1)) return waiting.slice(0, MOST_SLOTS);
    return waiting.slice(0, Math.min(this.#width, this.#halves.most(waiting.length)));
  }

  /** Leases that came since the claim began, or were too many for it, are not to wait for the next push. */
  #hasUnbroughtLeases(): boolean {
    return this.#someWaits(({ done, held }) => done.length > 0 && !held);
  }

  #unblock(): void {
    this.#blockedTimer = undefined;
    for (const poll of this.#polls) poll.isBlocked = false;
    this.wake();
  }

  async #claimOnce(): Promise<void> {
    const waiting = this.#waiting();
    const { polls, slots } = dealSlots(this.#chooseForClaim(waiting), MOST_SLOTS);
    const bringing = chooseForCompletion(waiting, MOST_SLOTS);
    // Those with slots first: a slot names its poll by its place.
    const involved = [...new Set([...polls, ...bringing])];
    for (const poll of waiting) poll.asked = true;
    for (const poll of involved) poll.busy = true;
    try {
      const done = bringing.flatMap((poll) => poll.done);
      const claim = await this.#claim(this.#queue, slots, done);
      const { jobs, truncated, held, unsureMs, isCalm } = claim;
      for (const poll of bringing) poll.held = held.splice(0, poll.done.length);
      const bySlot: (ClaimedJob | undefined)[] = [];
      const blocked = new Set(claim.blocked.map((at) => polls[at]));
      for (const job of jobs) {
        const { poll = -1 } = slots[job.n - 1] ?? {};
        if (!blocked.has(polls[poll])) bySlot[job.n - 1] = job;
      }
      const isSure = unsureMs === undefined || unsureMs > LONGEST_DOUBT_MS;
      for (const poll of blocked) poll?.block();
      hand(involved, slots, bySlot);
      if (blocked.size > 0) this.#blockedTimer ??= setTimeout(() => this.#unblock(), BLOCKED_MS);
      // A claim that found less than it asked for has seen the queue empty: that goes for all who wait. Where
      // it is not sure, but all is calm, it goes for those who wait on.
      const isFull = jobs.filter(({ again }) => !again).length >= lookingSlots(slots, claim).length;
      if ((isSure || isCalm) && !isFull && !truncated) {
        for (const poll of this.#waiting()) {
          if (poll.expired && !isSure) continue;
          poll.seen = poll.asked;
          if (poll.expired && poll.seen) poll.answer([]);
        }
      }
      if (truncated || (isFull && this.#polls.size > 0)) this.#dirty = true;
      if (this.#hasUnbroughtLeases()) this.#dirty = true;
      // Who waits on needs no second look for nothing: it would meet the next push, and be in its way.
      if (!isCalm || this.#someWaits(({ expired }) => expired)) {
        if (unsureMs === 0) this.#dirty = true;
        else if (unsureMs !== undefined) setTimeout(() => this.wake(), Math.ceil(unsureMs) + TIMER_EARLY_MS);
      }
      this.#halves.answered(jobs.length);
      this.#width = Math.max(NARROWEST, 2 * (isFull ? this.#width : jobs.length));
    } catch (error) {
      for (const poll of involved) {
        // Who asked again with its key waits for it no longer.
        poll.busy = false;
        poll.fail(error);
      }
      // Nobody would look again for those whose wait is over.
      for (const poll of this.#waiting()) if (poll.expired) poll.fail(error);
    } finally {
      for (const poll of waiting) if (this.#polls.has(poll)) poll.limit();
    }
  }
}
