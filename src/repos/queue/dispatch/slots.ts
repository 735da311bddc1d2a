import type { ClaimedJob, Slot } from '../sql/claim.js';
import type { Poll } from './poll.js';

/** Slots of waiting polls, reserved for jobs that are inserted now (docs/queue.md#direct-delivery). */
export interface Reservation {
  slots: Slot[];
  /** Answers the polls with the jobs of their slots. Polls that got none wait on. */
  settle: (jobs: (ClaimedJob | undefined)[]) => void;
}

/** Gives each poll a slot before any gets a second, up to what each wants and to `most` in all. */
export function dealSlots(polls: Poll[], most: number): Slot[] {
  const slots: Slot[] = [];
  for (let round = 1; slots.length < most; round++) {
    const wanting = polls
      .map(({ options }, at) => ({ options, at }))
      .filter(({ options }) => options.max >= round);
    if (wanting.length === 0) break;
    for (const { options, at } of wanting.slice(0, most - slots.length)) {
      const { worker_id, idempotency_key, lease_seconds } = options;
      slots.push({ poll: at, slot: round, worker_id, idempotency_key, lease_seconds });
    }
  }
  return slots;
}

/** Delivers to each of the polls the jobs of its slots, perhaps none. A slot names its poll by its place in `polls`. */
export function deliverToPolls(polls: Poll[], slots: Slot[], jobs: (ClaimedJob | undefined)[]): void {
  const jobsOfPolls = new Map(polls.map((poll): [Poll, ClaimedJob[]] => [poll, []]));
  for (const [at, { poll }] of slots.entries()) {
    const [job, owner] = [jobs[at], polls[poll]];
    if (job && owner) jobsOfPolls.get(owner)?.push(job);
  }
  for (const [poll, delivered] of jobsOfPolls) poll.deliver(delivered);
}
