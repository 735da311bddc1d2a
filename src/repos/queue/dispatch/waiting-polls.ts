import { BatchSize } from '../../../database/batch-size.js';
import { type Claim, type ClaimedJob, lookingSlots, type Slot } from '../sql/claim.js';
import type { DoneLease } from '../sql/keep-completed.js';
import type { Verdict } from './low-water-marks.js';
import { Poll, type PollOwner } from './poll.js';
import { PollList } from './poll-list.js';
import type { PollOptions } from './poll-request.js';
import { dealSlots, deliverToPolls, type Reservation } from './slots.js';

/** What one claim is for. */
export interface ClaimRequest {
  slots: Slot[];
  /** The leases to complete. */
  leases: DoneLease[];
  /** The polls that it may settle. */
  unsettled: Poll[];
  /** The waiting polls whose leases it completes. */
  completing: Poll[];
  /** The waiting polls that it is sent for. Polls with slots come first: a slot names its poll by its place. */
  involved: Poll[];
}

/** A poll whose wait has ended waits at most this much longer for a claim that can rule out that there are jobs. */
const MAX_DOUBT_MS = 1000;
/** A timer may fire this much too early. The full scan would then not be allowed yet, and the claim would be useless. */
const TIMER_EARLY_MS = 1;
/** Maximum number of jobs that one claim delivers, and of leases that it completes. */
const MAX_SLOTS = 1000;
/** A claim is for at least this many polls, if so many wait. */
const MIN_POLLS = 8;
/** A blocked poll gets another claim after this time. */
const BLOCKED_MS = 100;

/**
 * The polls that wait at one queue, first come, first served. It decides what the next claim is for, and what follows
 * from its result; the dispatcher sends it (docs/queue.md#life-of-a-pop).
 */
export class WaitingPolls implements PollOwner {
  /** The claims that are in flight, one after the other; undefined if none is. */
  claiming: Promise<void> | undefined;
  readonly #polls = new PollList();
  readonly #onWake: (polls: WaitingPolls) => void;
  #needsClaim = false;
  /** How many polls with `max` 1 the next claim may be for: one pushed job should not make a claim for a thousand polls. */
  #maxPolls = MIN_POLLS;
  readonly #batchSize = new BatchSize();
  #unblockTimer: NodeJS.Timeout | undefined;

  /** @param onWake a claim may be needed now */
  constructor(onWake: (polls: WaitingPolls) => void) {
    this.#onWake = onWake;
  }

  get size(): number {
    return this.#polls.size;
  }

  add(options: PollOptions): Poll {
    const poll = new Poll(options, this);
    this.#polls.add(poll);
    this.wake();
    return poll;
  }

  remove(poll: Poll): void {
    this.#polls.remove(poll);
  }

  expire(poll: Poll): void {
    this.#polls.unsettle(poll);
    this.wake();
  }

  /** There may be ready jobs. A claim that is in flight is followed by another one. */
  wake(): void {
    this.#needsClaim = true;
    if (this.#polls.size > 0) this.#onWake(this);
  }

  /** Answers all polls with nothing. */
  dismissAll(): void {
    for (const poll of [...this.#polls]) poll.leave();
  }

  /** Slots for at most so many jobs, of polls that a claim has found nothing for; undefined if there are none. */
  reserve(most: number): Reservation | undefined {
    if (this.claiming || this.#polls.size === 0) return undefined;
    const idle = this.#polls.first(most, ({ isIdle }) => isIdle);
    const slots = dealSlots(idle, most);
    if (slots.length === 0) return undefined;
    for (const poll of idle) poll.send();
    return {
      slots,
      settle: (jobs) => {
        deliverToPolls(idle, slots, jobs);
        // Jobs that became ready meanwhile were not claimed for these polls and their successors.
        if (jobs.some((job) => !job) || idle.some((poll) => poll.successor)) this.wake();
      },
    };
  }

  /** Whether a claim has to be sent now. */
  get isClaimDue(): boolean {
    return this.#needsClaim && this.#firstFree(1).length > 0;
  }

  /** What the claim that is sent now is for. */
  beginClaim(): ClaimRequest {
    this.#needsClaim = false;
    const unsettled = this.#polls.unsettled();
    const polls = this.#firstFree(this.#maxSlotted());
    const completing = chooseForCompletion(unsettled);
    const involved = [...new Set([...polls, ...completing])];
    for (const poll of unsettled) poll.beginCheck();
    for (const poll of involved) poll.send();
    return {
      slots: dealSlots(polls, MAX_SLOTS),
      leases: completing.flatMap(({ options }) => options.leases),
      unsettled,
      completing,
      involved,
    };
  }

  /** Delivers the jobs, answers the polls whose wait has ended, and decides when the next claim follows. */
  endClaim(request: ClaimRequest, claim: Claim, { unsureMs, isQuiet }: Verdict): void {
    const { slots, completing, involved } = request;
    const { jobs, truncated } = claim;
    let taken = 0;
    for (const poll of completing) {
      const end = taken + poll.options.leases.length;
      poll.setCompleted(claim.completed.slice(taken, end));
      taken = end;
    }
    const jobsOfSlots: (ClaimedJob | undefined)[] = [];
    const blocked = new Set(claim.blocked.map((at) => involved[at]));
    for (const job of jobs) {
      const { poll = -1 } = slots[job.n - 1] ?? {};
      if (!blocked.has(involved[poll])) jobsOfSlots[job.n - 1] = job;
    }
    for (const poll of blocked) {
      poll?.block();
      if (poll) this.#polls.unsettle(poll);
    }
    deliverToPolls(involved, slots, jobsOfSlots);
    if (blocked.size > 0) this.#unblockTimer ??= setTimeout(() => this.#unblock(), BLOCKED_MS);
    const isFull = jobs.filter(({ redelivered }) => !redelivered).length >= lookingSlots(slots, claim).length;
    const isSure = unsureMs === undefined || unsureMs > MAX_DOUBT_MS;
    // The queue was found empty, for all polls that wait. A poll whose wait has ended needs a claim that is sure.
    if ((isSure || isQuiet) && !isFull && !truncated) {
      for (const poll of this.#polls.unsettled()) if (isSure || !poll.isExpired) poll.endCheck();
    }
    if (truncated || (isFull && this.#polls.size > 0)) this.#needsClaim = true;
    // Leases that came meanwhile, or were too many for this claim, must not wait for the next push.
    if (this.#polls.hasUnsettled(({ hasLeases }) => hasLeases)) this.#needsClaim = true;
    // At a quiet queue, polls that go on waiting need no second claim. It would delay the next push.
    if (!isQuiet || this.#polls.hasUnsettled(({ isExpired }) => isExpired)) {
      if (unsureMs === 0) this.#needsClaim = true;
      else if (unsureMs !== undefined) setTimeout(() => this.wake(), Math.ceil(unsureMs) + TIMER_EARLY_MS);
    }
    this.#batchSize.answered(jobs.length);
    this.#maxPolls = Math.max(MIN_POLLS, 2 * (isFull ? this.#maxPolls : jobs.length));
  }

  /** The claim has failed, and so do the polls that it was sent for. */
  failClaim({ involved }: ClaimRequest, error: unknown): void {
    for (const poll of involved) poll.fail(error);
    // No further claim would be made for the polls whose wait has ended.
    for (const poll of this.#polls.unsettled()) if (poll.isExpired) poll.fail(error);
  }

  /** The polls of a claim that were not answered wait on, until their time is over. */
  startTimers({ unsettled }: ClaimRequest): void {
    for (const poll of unsettled) {
      if (!this.#polls.has(poll)) continue;
      poll.startTimer();
      if (poll.isSettled) this.#polls.settle(poll);
    }
  }

  #unblock(): void {
    this.#unblockTimer = undefined;
    for (const poll of this.#polls) poll.unblock();
    this.wake();
  }

  #firstFree(most: number): Poll[] {
    return this.#polls.first(most, ({ isFree }) => isFree);
  }

  /** How many polls a claim is for: all if some want several jobs, so that each poll gets one job before any gets a second. */
  #maxSlotted(): number {
    if (this.#polls.hasGreedy) return MAX_SLOTS;
    return Math.min(this.#maxPolls, this.#batchSize.limit(this.#polls.size));
  }
}

/** The polls whose leases one claim completes, with or without slots for them. */
function chooseForCompletion(waiting: Poll[]): Poll[] {
  let count = 0;
  return waiting.filter((poll) => {
    const { length } = poll.options.leases;
    if (!poll.hasLeases || (count > 0 && count + length > MAX_SLOTS)) return false;
    count += length;
    return true;
  });
}
