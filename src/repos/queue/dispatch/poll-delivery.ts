import type { ClaimedJob } from '../sql/claim.js';
import type { Delivery } from '../sql/lease.js';
import type { Poll } from './poll.js';
import type { PollAnswer } from './poll-request.js';

/** The way of a poll's jobs to its client, until the answer is sent. */
export class PollDelivery {
  readonly poll: Poll;
  readonly #giveBack: (jobs: Delivery[]) => void;
  #jobs: ClaimedJob[] = [];
  /** The client went away, so the answer is not read. */
  isGone = false;

  /** @param giveBack makes jobs ready again that reach no client */
  constructor(poll: Poll, giveBack: (jobs: Delivery[]) => void) {
    this.poll = poll;
    this.#giveBack = giveBack;
  }

  /** What the answer contains. */
  get jobs(): ClaimedJob[] {
    return this.isGone ? [] : this.#jobs;
  }

  /** The poll is answered. */
  take({ jobs }: PollAnswer): void {
    this.#jobs = jobs;
    if (this.isGone) this.giveUp();
  }

  /** The client goes away. */
  leave(): void {
    this.isGone = true;
    this.poll.leave();
    this.giveUp();
  }

  /** Passes the jobs on to a newer poll of the same worker and key, or gives them back. */
  giveUp(): void {
    const jobs = [...this.#jobs, ...this.poll.takeInherited()];
    this.#jobs = [];
    if (!this.poll.passOn(jobs)) this.#giveBack(jobs);
  }
}
