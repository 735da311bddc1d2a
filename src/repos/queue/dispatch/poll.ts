import { unavailable } from '../../../problems.js';
import { currentRequesters } from '../../../requester.js';
import type { ClaimedJob } from '../sql/claim.js';
import type { PollAnswer, PollOptions } from './poll-request.js';

export interface PollOwner {
  remove: (poll: Poll) => void;
  /** Its wait has ended, but it cannot be answered yet: a claim must rule out that there are jobs, or return first. */
  expire: (poll: Poll) => void;
}

/**
 * - `waiting`: nothing is in flight. Next it is sent, or answered because its wait has ended, or its client goes away.
 * - `in flight`: a claim or an insert may deliver jobs to it. With jobs it is answered, with none it waits again.
 * - `blocked`: another transaction has locked jobs of its key. It waits again a little later, or fails.
 * - `leaving`: its client went away while something was in flight. When that returns, the poll has left.
 * - `answered`, and `left` (its client went away), are final.
 */
type State = 'waiting' | 'in flight' | 'blocked' | 'leaving' | 'answered' | 'left';

/**
 * What claims have found out for the poll since it came. A poll that waits for 0 seconds gets one check too.
 *
 * - `none`: no claim has begun.
 * - `begun`: a claim has begun, but none could rule out that there are jobs.
 * - `empty`: a claim has found that the queue has no more ready jobs.
 */
type Check = 'none' | 'begun' | 'empty';

/** A blocked poll waits at least this long, even if its wait ends earlier. */
const BLOCKED_PATIENCE_MS = 1000;

const CONTENDED = unavailable('contended', 'Another transaction holds the jobs of this idempotency key.');

/** A pop that waits for jobs. It uses no database connection. */
export class Poll {
  readonly options: PollOptions;
  /** The request that it is for. */
  readonly requesters = currentRequesters();
  /** Resolves once, with the answer. */
  readonly answer: Promise<PollAnswer>;
  #state: State = 'waiting';
  #check: Check = 'none';
  /** For each lease whether its job was completed; undefined until a claim has taken the leases. */
  #completed: boolean[] | undefined = undefined;
  /** The newer poll of the same worker and idempotency key. It gets what is still delivered to this one. */
  successor: Poll | undefined = undefined;
  /** The older poll, if something was in flight for it when this poll came. */
  predecessor: Poll | undefined = undefined;
  /** Jobs that were delivered to its predecessors. */
  #inherited: ClaimedJob[] | undefined = undefined;
  #blockedSince: number | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #waitEndsAt: number;
  readonly #owner: PollOwner;
  #resolve!: (answer: PollAnswer) => void;
  #reject!: (error: unknown) => void;

  constructor(options: PollOptions, owner: PollOwner) {
    this.options = options;
    this.#waitEndsAt = performance.now() + options.waitSeconds * 1000;
    this.#owner = owner;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Its wait has ended. It is answered as soon as a claim has ruled out that there are jobs. */
  get isExpired(): boolean {
    return performance.now() >= this.#waitEndsAt;
  }

  /** Nothing is in flight for it, nor for its predecessor, whose jobs it may get. */
  get isFree(): boolean {
    return this.#state === 'waiting' && !this.predecessor?.isInFlight;
  }

  /** Its leases have not been taken to the database yet. */
  get hasLeases(): boolean {
    return this.options.leases.length > 0 && this.#completed === undefined;
  }

  /** A claim has begun since it came and has taken its leases. */
  get isIdle(): boolean {
    return this.isFree && this.#check !== 'none' && !this.hasLeases;
  }

  /** It waits for a job or for its timer only. */
  get isSettled(): boolean {
    return this.#state === 'waiting' && this.#check === 'empty' && !this.hasLeases && !this.isExpired;
  }

  get isInFlight(): boolean {
    return this.#state === 'in flight' || this.#state === 'leaving';
  }

  /** A claim begins that looks at the queue, for this poll or for others. */
  beginCheck(): void {
    if (this.#check === 'none') this.#check = 'begun';
  }

  /** A claim has found the queue empty. It counts only for polls that were there when the claim began. */
  endCheck(): void {
    if (this.#check === 'begun') this.#check = 'empty';
    if (this.#check === 'empty' && this.isExpired) this.#finish([]);
  }

  /** A claim for it, or an insert that may deliver to it, is sent now. */
  send(): void {
    this.#state = 'in flight';
  }

  setCompleted(completed: boolean[]): void {
    this.#completed = completed;
  }

  /** What was in flight has returned, with these jobs. A poll that got none waits on, unless its client has left. */
  deliver(jobs: ClaimedJob[]): void {
    if (!this.isInFlight) return;
    if (jobs.length > 0 || this.#state === 'leaving') this.#finish(jobs);
    else this.#state = 'waiting';
  }

  /**
   * The claim could not lock all running jobs of its key. The poll gets all of them together later: after an answer with
   * only some, its worker would not ask for the others.
   */
  block(): void {
    const now = performance.now();
    this.#blockedSince ??= now;
    if (this.#check === 'empty') this.#check = 'begun';
    const isLongEnough = this.isExpired && now > this.#blockedSince + BLOCKED_PATIENCE_MS;
    if (isLongEnough || this.#state === 'leaving') this.fail(CONTENDED);
    else this.#state = 'blocked';
  }

  /** It is claimed for again. */
  unblock(): void {
    if (this.#state === 'blocked') this.#state = 'waiting';
  }

  fail(error: unknown): void {
    this.#close();
    this.#reject(error);
  }

  /** Its client no longer waits. It is answered now, or with what is in flight for it. */
  leave(): void {
    if (this.isInFlight) this.#state = 'leaving';
    else {
      if (this.#state === 'blocked') this.fail(CONTENDED);
      else this.#finish([]);
      this.#state = 'left';
    }
  }

  /** Starts the timer that ends its wait. Most polls are answered by their first claim, and need no timer. */
  startTimer(): void {
    this.#timer ??= setTimeout(
      () => {
        // A timer may fire a little early. The wait would then count as not ended in the claim that follows.
        this.#waitEndsAt = Number.NEGATIVE_INFINITY;
        if (this.#check === 'empty' && !this.isInFlight) this.#finish([]);
        else this.#owner.expire(this);
      },
      Math.max(0, this.#waitEndsAt - performance.now()),
    );
  }

  /** The same worker has asked again with the same idempotency key, so nobody waits for this poll any more. */
  replaceBy(successor: Poll): void {
    this.successor = successor;
    const sent = this.isInFlight ? this : this.predecessor;
    if (sent?.isInFlight) successor.predecessor = sent;
    this.leave();
  }

  /** Passes delivered jobs to its newest successor. Returns false if no successor waits: the jobs must be given back. */
  passOn(jobs: ClaimedJob[]): boolean {
    let heir = this.successor;
    while (heir?.successor) heir = heir.successor;
    if (!heir || heir.#state === 'leaving' || heir.#state === 'left') return false;
    heir.#inherited = [...(heir.#inherited ?? []), ...jobs];
    return true;
  }

  /** Returns the jobs of its predecessors, once. */
  takeInherited(): ClaimedJob[] {
    const inherited = this.#inherited ?? [];
    this.#inherited = undefined;
    return inherited;
  }

  #finish(jobs: ClaimedJob[]): void {
    this.#close();
    this.#resolve({ jobs, completed: this.#completed });
  }

  #close(): void {
    this.#state = this.#state === 'leaving' || this.#state === 'left' ? 'left' : 'answered';
    clearTimeout(this.#timer);
    this.#owner.remove(this);
  }
}
