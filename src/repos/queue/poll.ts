import { unavailable } from '../../problems.js';
import type { ClaimedJob, Slot } from './claim.js';
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

/** How long at least a poll waits for jobs of its key that another transaction has locked. */
const BLOCKED_PATIENCE_MS = 1000;

function contended(): Error {
  return unavailable('contended', 'Another transaction holds the jobs of this idempotency key.');
}

/** What a poll is answered with. */
export interface Handed {
  /** None when the wait ended. */
  jobs: ClaimedJob[];
  /** Which of the leases that it brought were held, and are completed; undefined where no claim took them along. */
  held: boolean[] | undefined;
}

/** Where a poll waits. */
export interface Home {
  forget: (poll: Poll) => void;
  /** Somebody may be answered now. */
  wake: () => void;
}

/** A pop that waits for its jobs. It holds no database connection. */
export class Poll {
  readonly worker_id: string;
  readonly max: number;
  readonly lease_seconds: number | undefined;
  readonly idempotency_key: string | undefined;
  readonly done: Lease[];
  /** What it is answered with, once. */
  readonly answered: Promise<Handed>;
  /** A claim for it, or a push to it, is in flight: it cannot be answered empty before that is known. */
  busy = false;
  /** A claim has begun since it came. */
  asked = false;
  /** Such a claim was sure that nothing is left: who waits for 0 seconds gets a look at the queue too. */
  seen = false;
  /** Its key holds jobs that another transaction has locked: the others are claimed for meanwhile. */
  isBlocked = false;
  #blockedSince: number | undefined = undefined;
  /** The newer poll of the same worker and key that replaced it, and gets what this one was handed. */
  heir: Poll | undefined = undefined;
  /** The one that it replaced, where something was in flight for that: it may inherit what comes of it. */
  predecessor: Poll | undefined = undefined;
  /** What became of the leases that it brought; undefined before a claim took them along. */
  held: boolean[] | undefined = undefined;
  /** What was handed to those that it replaced. */
  #inherited: ClaimedJob[] | undefined = undefined;
  /** Nobody waits for it any more; it is answered as soon as no claim for it is in flight. */
  #left = false;
  #timer: NodeJS.Timeout | undefined = undefined;
  #end: number;
  readonly #home: Home;
  #resolve!: (handed: Handed) => void;
  #reject!: (error: unknown) => void;

  constructor(options: PollOptions, home: Home) {
    this.worker_id = options.worker_id;
    this.max = options.max;
    this.lease_seconds = options.lease_seconds;
    this.idempotency_key = options.idempotency_key;
    this.done = options.done;
    this.#end = performance.now() + options.waitSeconds * 1000;
    this.#home = home;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Its wait is over; it is answered as soon as it is sure that there is nothing for it. */
  get expired(): boolean {
    return performance.now() >= this.#end;
  }

  /** Nothing is in flight for it, nor for the one whose jobs it would inherit. */
  get isFree(): boolean {
    return !this.busy && !this.isBlocked && !this.predecessor?.busy;
  }

  answer(jobs: ClaimedJob[]): void {
    this.#finish();
    this.#resolve({ jobs, held: this.held });
  }

  fail(error: unknown): void {
    this.#finish();
    this.#reject(error);
  }

  /** All that its key holds is handed out together, or nothing yet: told of less, or of nothing, its worker would lose the rest. */
  block(): void {
    const now = performance.now();
    this.#blockedSince ??= now;
    this.seen = false;
    if (this.expired && now > this.#blockedSince + BLOCKED_PATIENCE_MS) this.fail(contended());
    else this.isBlocked = true;
  }

  /** Nothing is in flight for it any more: answers it, unless it got nothing and waits on. */
  hand(jobs: ClaimedJob[]): void {
    this.busy = false;
    if (this.#left && this.isBlocked) this.fail(contended());
    else if (jobs.length > 0 || this.#left) this.answer(jobs);
  }

  /** Ends it; where a claim is in flight, with what that brings. */
  leave(): void {
    this.#left = true;
    if (this.isBlocked) this.fail(contended());
    else if (!this.busy) this.answer([]);
  }

  /** Sees to it that its wait ends. Most polls are answered by their first claim, and need no timer. */
  limit(): void {
    this.#timer ??= setTimeout(
      () => {
        // A timer may fire a little before its time, and the claim that follows would find it waiting still.
        this.#end = Number.NEGATIVE_INFINITY;
        if (this.seen && !this.busy) this.answer([]);
        else this.#home.wake();
      },
      Math.max(0, this.#end - performance.now()),
    );
  }

  /** Leaves what it was handed to the newest poll with its idempotency key; false where none waits any more. */
  passOn(handed: ClaimedJob[]): boolean {
    let heir = this.heir;
    while (heir?.heir) heir = heir.heir;
    if (!heir || heir.#left) return false;
    heir.#inherited = [...(heir.#inherited ?? []), ...handed];
    return true;
  }

  /** What was handed to those that it replaced, once. */
  takeInherited(): ClaimedJob[] {
    const inherited = this.#inherited ?? [];
    this.#inherited = undefined;
    return inherited;
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#home.forget(this);
  }
}

/** Those whose leases this claim completes, whether it asks for jobs for them or not. */
export function chooseForCompletion(polls: Poll[], most: number): Poll[] {
  let leases = 0;
  return polls.filter(({ done, held }) => {
    if (held || done.length === 0 || (leases > 0 && leases + done.length > most)) return false;
    leases += done.length;
    return true;
  });
}

/** A slot for each poll before any gets a second, up to what each wants. */
export function dealSlots(polls: Poll[], most: number): { polls: Poll[]; slots: Slot[] } {
  const slots: Slot[] = [];
  for (let round = 1; slots.length < most; round++) {
    const wanting = polls.map((poll, at) => ({ poll, at })).filter(({ poll }) => poll.max >= round);
    if (wanting.length === 0) break;
    for (const { poll, at } of wanting.slice(0, most - slots.length)) {
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

/** Nothing is in flight for them any more: answers them with the jobs of their slots, if there are any. */
export function hand(polls: Poll[], slots: Slot[], jobs: (ClaimedJob | undefined)[]): void {
  const hands = new Map(polls.map((poll): [Poll, ClaimedJob[]] => [poll, []]));
  for (const [at, { poll }] of slots.entries()) {
    const [job, owner] = [jobs[at], polls[poll]];
    if (job && owner) hands.get(owner)?.push(job);
  }
  for (const [poll, hand] of hands) poll.hand(hand);
}
