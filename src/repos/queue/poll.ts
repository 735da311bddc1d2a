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

/** What a poll is answered with. */
export interface Handed {
  /** None when the wait ended. */
  jobs: ClaimedJob[];
  /** Which of the leases that it brought were held, and are completed; undefined where no claim took them along. */
  held: boolean[] | undefined;
}

/** A pop that waits for its jobs. It holds no database connection. */
export interface Poll extends PollOptions {
  /** Answers it, once. */
  answer: (jobs: ClaimedJob[]) => void;
  fail: (error: unknown) => void;
  /** Sees to it that its wait ends. Most polls are answered by their first claim, and need no timer. */
  limit: () => void;
  /** A claim for it, or a push to it, is in flight: it cannot be answered empty before that is known. */
  busy: boolean;
  /** A claim has begun since it came. */
  asked: boolean;
  /** Such a claim was sure that nothing is left: who waits for 0 seconds gets a look at the queue too. */
  seen: boolean;
  /** Its wait is over; it is answered as soon as it is sure that there is nothing for it. */
  readonly expired: boolean;
  /** Nobody waits for it any more; it is answered as soon as no claim for it is in flight. */
  left: boolean;
  /** The newer poll of the same worker and key that replaced it, and gets what this one was handed. */
  heir: Poll | undefined;
  /** The one that it replaced, where something was in flight for that: it may inherit what comes of it. */
  predecessor: Poll | undefined;
  /** What was handed to those that it replaced. */
  inherited: ClaimedJob[];
  /** What became of the leases that it brought; undefined before a claim took them along. */
  held: boolean[] | undefined;
}

/** Nothing is in flight for it, nor for the one whose jobs it would inherit. */
export function isFree(poll: Poll): boolean {
  return !poll.busy && !poll.predecessor?.busy;
}

/** Ends a poll; where a claim is in flight, with what it brings. */
export function dismiss(poll: Poll): void {
  poll.left = true;
  if (!poll.busy) poll.answer([]);
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

export function passOn(poll: Poll | undefined, handed: ClaimedJob[]): boolean {
  let heir = poll?.heir;
  while (heir?.heir) heir = heir.heir;
  if (!heir || heir.left) return false;
  heir.inherited.push(...handed);
  return true;
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
  for (const [poll, hand] of hands) {
    poll.busy = false;
    if (hand.length > 0 || poll.left) poll.answer(hand);
  }
}
