import { unavailable } from '../../../problems.js';
import { runFor } from '../../../requester.js';
import type { QueueObserver } from '../observer.js';
import type { ClaimedJob, CountedClaim, Slot } from '../sql/claim.js';
import type { DoneLease } from '../sql/keep-completed.js';
import type { Delivery } from '../sql/lease.js';
import type { QueuePosition, ReadyJob } from '../sql/queue-position.js';
import type { LeaseEnd } from './lease-calls.js';
import { MarksOfQueues } from './low-water-marks.js';
import { observeClaim } from './observe-batches.js';
import type { Poll } from './poll.js';
import { PollDelivery } from './poll-delivery.js';
import type { PollOptions } from './poll-request.js';
import type { Reservation } from './slots.js';
import { WaitingPolls } from './waiting-polls.js';

interface Dependencies {
  /** claimJobs of sql/claim.ts. */
  claim: (
    queue: string,
    slots: Slot[],
    leases: DoneLease[],
    marks: QueuePosition[] | undefined,
  ) => Promise<CountedClaim>;
  complete: (lease: DoneLease) => Promise<LeaseEnd>;
  /** Makes jobs ready again that reached no client. */
  giveBack: (jobs: Delivery[]) => void;
  observer: QueueObserver;
  maxWaitingPolls: number;
  marks?: MarksOfQueues;
}

/** What a pop is answered with. */
export interface DispatchedPop {
  jobs: ClaimedJob[];
  /** For each lease that the pop brought. */
  completed: LeaseEnd[];
  /** Why there are no jobs, although the leases were completed. */
  failure: unknown;
  /** The client went away, so the answer is not read. */
  isGone: boolean;
}

const CROWDED = unavailable('overloaded', 'Too many polls wait on this process, and no job is ready.');

/**
 * Brings jobs to the pops of this process. Pops wait in memory; one claim at a time is in flight for each queue, for all
 * pops that wait there (docs/queue.md#life-of-a-pop).
 */
export class Dispatcher {
  readonly #with: Dependencies;
  readonly #queues = new Map<string, WaitingPolls>();
  readonly #marks: MarksOfQueues;
  #pops = 0;
  #isStopped = false;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    this.#marks = dependencies.marks ?? new MarksOfQueues();
  }

  /**
   * Waits for jobs. If the client goes away between the claim and the end of its answer, its jobs are given back at once,
   * with no attempt counted. The leases that it brings are completed even if the claim fails.
   */
  pop(
    queue: string,
    options: PollOptions,
    onClientGone: (listener: () => void) => void,
  ): Promise<DispatchedPop> {
    // Beyond the limit a pop gets what is ready, but does not wait.
    const isCrowded = this.#pops >= this.#with.maxWaitingPolls && options.waitSeconds > 0;
    const mayWait = !this.#isStopped && !isCrowded;
    this.#pops++;
    const poll = this.wait(queue, mayWait ? options : { ...options, waitSeconds: 0 });
    const delivery = new PollDelivery(poll, this.#with.giveBack);
    onClientGone(() => delivery.leave());
    // Not awaited: a suspended function takes several times the memory of these two.
    return poll.answer.then(
      (answer) => {
        delivery.take(answer);
        const isRefused = isCrowded && !delivery.isGone && !this.#isStopped && answer.jobs.length === 0;
        return this.#end(queue, delivery, answer.completed, isRefused ? { error: CROWDED } : undefined);
      },
      (error: unknown) => this.#end(queue, delivery, undefined, { error }),
    );
  }

  /** Completes the leases of a pop that no claim has completed, and makes its answer. */
  async #end(
    queue: string,
    delivery: PollDelivery,
    done: boolean[] | undefined,
    failure: { error: unknown } | undefined,
  ): Promise<DispatchedPop> {
    const { leases } = delivery.poll.options;
    try {
      if (failure && leases.length === 0) throw failure.error;
      const completed = await runFor(delivery.poll.requesters, () => this.#completeRest(leases, done));
      return { jobs: delivery.jobs, completed, failure: failure?.error, isGone: delivery.isGone };
    } catch (error) {
      if (!delivery.isGone) delivery.giveUp();
      throw error;
    } finally {
      this.#pops--;
      if (this.#queues.get(queue)?.size === 0) this.#queues.delete(queue);
    }
  }

  /** Adds a poll to those that wait at the queue, and sends a claim for it. */
  wait(queue: string, options: PollOptions): Poll {
    let polls = this.#queues.get(queue);
    if (!polls) {
      polls = new WaitingPolls((woken) => {
        woken.claiming ??= this.#claimWhileDue(queue, woken);
      });
      this.#queues.set(queue, polls);
    }
    return polls.add(options);
  }

  /** There may be ready jobs in the queue. */
  wake(queue: string): void {
    this.#marks.get(queue)?.noteSign();
    this.#queues.get(queue)?.wake();
  }

  /** There may be ready jobs in any queue. */
  wakeAll(): void {
    for (const marks of this.#marks.values()) marks.noteSign();
    for (const polls of this.#queues.values()) polls.wake();
  }

  /** Slots of polls that wait at the queue, for jobs that are inserted now. */
  reserve(queue: string, most: number): Reservation | undefined {
    return this.#queues.get(queue)?.reserve(most);
  }

  /** A job has become ready, perhaps below the low-water mark. */
  lowerMark({ queue, priority, seq }: ReadyJob): void {
    this.#marks.get(queue)?.lower({ priority, seq });
  }

  /** A job of this priority was pushed. */
  expect(queue: string, priority: number): void {
    this.#marks.get(queue)?.expect(priority);
  }

  /** The queues where polls wait. */
  queues(): string[] {
    return [...this.#queues.keys()];
  }

  /** How many polls wait, at the queue or in all. */
  count(queue?: string): number {
    if (queue !== undefined) return this.#queues.get(queue)?.size ?? 0;
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Answers all polls with nothing. From now on pops do not wait. */
  stop(): void {
    this.#isStopped = true;
    for (const polls of this.#queues.values()) polls.dismissAll();
  }

  /** Resolves when no claim is in flight. */
  async idle(): Promise<void> {
    await Promise.all([...this.#queues.values()].map(async ({ claiming }) => await claiming));
  }

  /** Wake-ups and polls that come while a claim is in flight make another one follow. */
  async #claimWhileDue(queue: string, polls: WaitingPolls): Promise<void> {
    // Polls of the same turn of the event loop share a claim.
    await Promise.resolve();
    while (polls.isClaimDue) await this.#claimOnce(queue, polls);
    polls.claiming = undefined;
  }

  async #claimOnce(queue: string, polls: WaitingPolls): Promise<void> {
    const request = polls.beginClaim();
    try {
      const marks = this.#marks.of(queue);
      const from = marks.next();
      const sentAt = performance.now();
      const claim = await runFor(
        request.involved.map(({ requesters }) => requesters),
        () => this.#with.claim(queue, request.slots, request.leases, from),
      );
      observeClaim(this.#with.observer, queue, request.slots.length, claim);
      const verdict = marks.claimed(from, performance.now() - sentAt, request.slots, claim);
      polls.endClaim(request, claim, verdict);
    } catch (error) {
      polls.failClaim(request, error);
    } finally {
      polls.startTimers(request);
    }
  }

  /** Completes the leases that no claim has completed. */
  #completeRest(leases: DoneLease[], completed: boolean[] | undefined): Promise<LeaseEnd[]> {
    return Promise.all(
      leases.map(async (lease, at) => (completed?.[at] ? null : await this.#with.complete(lease))),
    );
  }
}
