import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectionOptions, Database } from '../../database/database.js';
import { channelIn } from '../../database/schema-name.js';
import { WaitingReads } from '../waiting-reads.js';
import { Announcer } from './dispatch/announcer.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import {
  callForOneOfSeveral,
  createCompletions,
  createExtensions,
  createRunEnder,
  createRunEnds,
} from './dispatch/lease-calls.js';
import { openNotifications } from './dispatch/notifications.js';
import { observeBatches } from './dispatch/observe-batches.js';
import { createPushes, undelivered } from './dispatch/pushes.js';
import { Housekeeping } from './housekeeping/housekeeping.js';
import type { QueueObserver } from './observer.js';
import { claimJobs } from './sql/claim.js';
import { CHANNEL } from './sql/notify.js';

export interface EngineOptions {
  leaseSeconds: number;
  waitSeconds: number;
  maxAttempts: number;
  backoffMaxSeconds: number;
  deadRetentionDays: number;
  maxWaitingPolls: number;
  /** How long ids are remembered that clients gave to their jobs. */
  idRetentionMinutes: number;
  /** How long completed jobs are kept; 0 does not keep them. */
  completedRetentionMinutes: number;
}

interface EngineDependencies {
  db: Database;
  /** For LISTEN: a connection that keeps its session. */
  listenConnection: ConnectionOptions;
  /** The schema of the tables. */
  schema: string;
  options: EngineOptions;
  /** Makes the token of the next lease (sql/lease-tokens.ts). */
  nextToken: () => string | null;
  observer: QueueObserver;
  onError: (error: unknown, message: string) => void;
}

export type QueueEngine = ReturnType<typeof createEngine>;

/** Connects the parts of the queue that one process has (docs/queue.md). */
export function createEngine({
  db,
  listenConnection,
  schema,
  options,
  nextToken,
  observer,
  onError,
}: EngineDependencies) {
  const completions = createCompletions(db, options);
  const extensions = createExtensions(db, options);
  const runEnds = createRunEnds(db, options);
  const { leaseSeconds, completedRetentionMinutes } = options;
  const claimSettings = { leaseSeconds, completedRetentionMinutes, nextToken };
  const dispatcher = new Dispatcher({
    claim: (queue, slots, leases, marks) => claimJobs(db, queue, slots, leases, marks, claimSettings),
    complete: async (lease) => (await callForOneOfSeveral(completions, lease)).lost,
    giveBack: (jobs) => runs.giveBack(jobs),
    observer,
    maxWaitingPolls: options.maxWaitingPolls,
  });
  const notifications = openNotifications({
    db,
    connection: listenConnection,
    channel: channelIn(schema, CHANNEL),
    // Names of queues have no slash; names of what other requests wait for have one.
    onAnnounced: (name) => (name.includes('/') ? waits.wake(name) : dispatcher.wake(name)),
    onListening: () => {
      dispatcher.wakeAll();
      waits.wakeAll();
    },
    onError: (error) => onError(error, 'a notification could not be sent'),
  });
  const waits = new WaitingReads({
    announce: (name) => notifications.announce(name),
    maxWaits: options.maxWaitingPolls,
    onError,
  });
  const housekeeping = new Housekeeping({
    db,
    options,
    observer,
    queues: () => dispatcher.queues(),
    onFound: (queue) => dispatcher.wake(queue),
    onReady: (jobs) => announcer.ready(jobs),
    onError,
  });
  const announcer = new Announcer({
    dispatcher,
    notify: (queue) => notifications.announce(queue),
    expectDue: (seconds) => housekeeping.expectDue(seconds),
  });
  const runs = createRunEnder({
    runEnds,
    onReady: (jobs) => announcer.ready(jobs),
    onScheduled: (seconds) => housekeeping.expectDue(seconds),
    onError,
  });
  const pushes = createPushes({
    db,
    defaults: options,
    nextToken,
    reserve: (queue, most) => dispatcher.reserve(queue, most),
    onPlaced: (jobs, placed) => {
      announcer.pushed(jobs, placed);
      runs.giveBack(undelivered(placed));
    },
  });
  observeBatches({ pushes, completions, runEnds, extensions }, observer);

  return {
    options,
    pushes,
    dispatcher,
    completions,
    extensions,
    runs,
    announcer,
    observer,
    report: onError,
    /** Requests of other repos that wait for a result. They share the notifications of the queue. */
    waits,
    /** The statement of another repo has pushed `count` jobs to the queue, ready in so many seconds, and is committed. */
    pushed(queue: string, count: number, delaySeconds: number): void {
      observer.jobs('pushed', queue, count);
      if (delaySeconds > 0) housekeeping.expectDue(delaySeconds);
      else announcer.wake(queue);
    },
    /** Polls that wait on this process. */
    parked: (queue?: string): number => dispatcher.count(queue),
    isListening: () => notifications.isListening(),

    start(): void {
      notifications.listen().catch((error: unknown) => onError(error, 'LISTEN failed, and is tried again'));
      housekeeping.start();
      waits.start();
    },

    /** Answers all waiting polls with no jobs, and all other waiting requests with the current state. Later ones do not wait. */
    drain(): void {
      housekeeping.stop();
      dispatcher.stop();
      waits.stop();
    },

    /** Waits for statements in flight. To be called after the last request. */
    async close(): Promise<void> {
      // What an insert or a claim delivers now is for clients that are gone, and is given back.
      await Promise.all([pushes.idle(), dispatcher.idle()]);
      await nextTurn();
      await Promise.all([completions.idle(), runEnds.idle(), extensions.idle()]);
      await notifications.close();
    },
  };
}
