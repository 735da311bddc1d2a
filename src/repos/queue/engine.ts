import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectionOptions, Database } from '../../database/database.js';
import { unavailable } from '../../problems.js';
import type { ClaimedJob } from './claim.js';
import { completions } from './complete.js';
import type { ReadyAgain } from './end-runs.js';
import { type Ended, ends } from './fail.js';
import { heartbeats } from './heartbeat.js';
import type { LostState } from './held.js';
import { Housekeeping } from './housekeeping.js';
import type { Delivery, Lease } from './lease.js';
import { observeBatches, type QueueObserver } from './observer.js';
import { Parking } from './parking.js';
import type { Handed, PollOptions } from './poll.js';
import { type Item, type Placed, pushes } from './push.js';
import { openBell } from './wake.js';

export interface EngineOptions {
  leaseSeconds: number;
  waitSeconds: number;
  maxAttempts: number;
  backoffMaxSeconds: number;
  deadRetentionDays: number;
  mostParkedPolls: number;
  /** How long the id of a pushed job is remembered, where the client made it. */
  idRetentionMinutes: number;
}

interface EngineDependencies {
  db: Database;
  /** For LISTEN: a connection that keeps its session. */
  listenConnection: ConnectionOptions;
  options: EngineOptions;
  /** The token of the next lease (lease-tokens.ts). */
  nextToken: () => string | null;
  observer: QueueObserver;
  onError: (error: unknown, message: string) => void;
}

/** What came of a poll. */
interface Polled {
  jobs: ClaimedJob[];
  /** For each lease that it brought where its job is, or null where it is completed now. */
  completed: (LostState | null)[];
  /** Why there are no jobs, although the leases were completed. */
  failure: unknown;
  /** The client went away: nobody reads this. */
  isGone: boolean;
}

const CROWDED = unavailable('overloaded', 'Too many polls wait on this process, and nothing is ready.');

export type QueueEngine = ReturnType<typeof createEngine>;

/** What one process does for the queue beside answering: gathers calls, parks polls, wakes them, keeps house. */
export function createEngine(dependencies: EngineDependencies) {
  const { db, listenConnection, options, nextToken, observer, onError } = dependencies;
  const completing = completions(db);
  const ending = ends(db, options);
  const beating = heartbeats(db, options);
  const parking = new Parking(db, { leaseSeconds: options.leaseSeconds, nextToken }, observer);
  const pushing = pushes({
    db,
    defaults: options,
    nextToken,
    reserve: (queue, most) => parking.reserve(queue, most),
    onPlaced: tellOf,
  });
  observeBatches({ push: pushing, complete: completing, end: ending, heartbeat: beating }, observer);
  const housekeeping = new Housekeeping({
    db,
    options,
    observer,
    queues: () => parking.queues(),
    onFound: (queue) => parking.wake(queue),
    onReady: readyAgain,
    onError,
  });
  let polls = 0;
  let stopped = false;
  const bell = openBell({
    db,
    connection: listenConnection,
    onRing: (queue) => parking.wake(queue),
    onListening: () => parking.wakeAll(),
    onError: (error) => onError(error, 'a notification could not be sent'),
  });

  /** Ready jobs stand in the queue, committed: wakes the polls of this process and of the others. */
  function wake(queue: string): void {
    parking.wake(queue);
    bell.ring(queue);
  }

  function readyAgain(jobs: ReadyAgain[]): void {
    for (const { queue, priority, seq } of jobs) parking.lowerMark(queue, { priority, seq });
    for (const queue of new Set(jobs.map((job) => job.queue))) wake(queue);
  }

  /** Jobs were pushed: those that no poll has got are to be found by one. */
  function tellOf(items: Item[], placed: Placed[]): void {
    const queues = new Set<string>();
    for (const [at, { queue, priority = 0, delay_seconds = 0, run_at }] of items.entries()) {
      if (placed[at]?.handedOver) continue;
      queues.add(queue);
      parking.expect(queue, priority);
      const due = Math.max(
        delay_seconds,
        run_at === undefined ? 0 : (Date.parse(run_at) - Date.now()) / 1000,
      );
      if (due > 0) housekeeping.expectDue(due);
    }
    for (const queue of queues) wake(queue);
    giveBack(placed.flatMap(({ id, adrift }) => (adrift ? [{ id, claims: 1, ...adrift }] : [])));
  }

  async function end(run: Parameters<typeof ending.call>[0]): Promise<Ended> {
    const ended = await ending.call(run);
    if (ended.state === 'ready') readyAgain([ended]);
    if (ended.state === 'scheduled' && run.delay !== undefined) housekeeping.expectDue(run.delay);
    return ended;
  }

  /** Jobs that were handed out to nobody: ready again, no attempt burnt. One that was delivered again stays where it is. */
  function giveBack(jobs: Delivery[]): void {
    if (jobs.length === 0) return;
    Promise.all(
      jobs.map(({ id, claims, token, delivery }) =>
        end({ id, claims, token, delivery, error: undefined, burnt: 0, retry: true, delay: 0 }),
      ),
    ).catch((error: unknown) =>
      onError(error, 'undelivered jobs could not be given back; their leases will run out'),
    );
  }

  /** What became of the leases that a poll brought: those that no claim has completed are completed now. */
  function completeDone(
    done: Lease[],
    held: boolean[] | undefined,
    onBlocked: () => void,
  ): Promise<(LostState | null)[]> {
    return Promise.all(
      done.map(async (lease, at) => (held?.[at] ? null : (await completing.call(lease, onBlocked)).lost)),
    );
  }

  /**
   * Waits for jobs. A client that goes away while it is parked costs nothing; one that goes away between
   * the claim and the end of its answer gives its jobs back at once, with no attempt burnt.
   *
   * The leases that it brings are completed whatever the claim does; `failure` is why that failed, if it did.
   */
  async function poll(
    queue: string,
    pollOptions: PollOptions,
    onClientGone: (listener: () => void) => void,
  ): Promise<Polled> {
    const { done } = pollOptions;
    // Beyond the bound a poll gets what is ready, but does not wait.
    const isCrowded = polls >= options.mostParkedPolls && pollOptions.waitSeconds > 0;
    const mayWait = !stopped && !isCrowded;
    polls++;
    const parked = parking.at(queue).poll(mayWait ? pollOptions : { ...pollOptions, waitSeconds: 0 });
    let gone = false;
    let handed: Handed = { jobs: [], held: undefined };
    /** What was handed to a client that is gone goes to the poll that replaced it, or back to the queue. */
    const settle = (): void => {
      const jobs = [...handed.jobs, ...parked.takeInherited()];
      if (!parked.passOn(jobs)) giveBack(jobs);
    };
    onClientGone(() => {
      gone = true;
      parked.leave();
      settle();
    });
    try {
      const failure = await parked.answered.then(
        (answer) => {
          handed = answer;
          if (gone) settle();
          else if (isCrowded && !stopped && answer.jobs.length === 0) return { error: CROWDED };
          return undefined;
        },
        (error: unknown) => ({ error }),
      );
      if (failure && done.length === 0) throw failure.error;
      const completed = await completeDone(done, handed.held, () => {
        // Another transaction has locked a job that the poll has done. Others get its new jobs meanwhile.
        settle();
        handed = { ...handed, jobs: [] };
      });
      return { jobs: gone ? [] : handed.jobs, completed, failure: failure?.error, isGone: gone };
    } catch (error) {
      if (!gone) settle();
      throw error;
    } finally {
      polls--;
      parking.tidy(queue);
    }
  }

  return {
    options,
    report: onError,
    push: pushing.push,
    poll,
    wake,
    readyAgain,
    end,
    complete: (lease: Lease) => completing.call(lease),
    heartbeat: (lease: Lease, leaseSeconds: number | undefined) =>
      beating.call({ ...lease, lease_seconds: leaseSeconds }),
    /** Polls that are parked on this process. */
    parked: (queue?: string): number => (queue === undefined ? parking.total() : parking.count(queue)),
    parkedQueues: () => parking.queues(),
    isListening: () => bell.isListening(),

    start(): void {
      bell.listen().catch((error: unknown) => onError(error, 'LISTEN failed, and is tried again'));
      housekeeping.start();
    },

    /** Parked polls are answered at once with nothing, and no new one is parked. */
    drain(): void {
      stopped = true;
      housekeeping.stop();
      parking.dismissAll();
    },

    /** After the last request: what is in flight finishes. */
    async close(): Promise<void> {
      // What a push or a claim brings now is for clients that are gone, and given back.
      await Promise.all([pushing.idle(), parking.idle()]);
      await nextTurn();
      await Promise.all([completing.idle(), ending.idle(), beating.idle()]);
      await bell.close();
    },
  };
}
