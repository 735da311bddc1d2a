import type { ConnectionOptions, Database } from '../../database/database.js';
import { type ClaimedJob, claimJobs } from './claim.js';
import { completions, releases } from './finish.js';
import { type PollOptions, QueuePolls } from './polls.js';
import { pushes } from './push.js';
import { sweepDue, sweepExpired } from './sweep.js';
import { openBell } from './wake.js';

export interface EngineOptions {
  leaseSeconds: number;
  waitSeconds: number;
  maxAttempts: number;
  backoffMaxSeconds: number;
}

interface EngineDependencies {
  db: Database;
  /** For LISTEN: a connection that keeps its session. */
  listenConnection: ConnectionOptions;
  options: EngineOptions;
  onError: (error: unknown, message: string) => void;
}

/** Between looks at the queues whose polls wait, in case that a notification was lost. */
const FALLBACK_MS = 1000;
const FALLBACK_JITTER_MS = 1000;
/** Between sweeps for due jobs and expired leases. */
const SWEEP_MS = 700;
const SWEEP_JITTER_MS = 300;

export type QueueEngine = ReturnType<typeof createEngine>;

/** What one process does for the queue beside answering: parks polls, wakes them, sweeps. */
export function createEngine({ db, listenConnection, options, onError }: EngineDependencies) {
  const byQueue = new Map<string, QueuePolls>();
  const { push, idle: pushesIdle } = pushes(db, options);
  const complete = completions(db);
  const release = releases(db);
  const bell = openBell({
    db,
    connection: listenConnection,
    onRing: wakeHere,
    onListening: () => {
      for (const polls of byQueue.values()) polls.wake();
    },
    onError: (error) => onError(error, 'a notification could not be sent'),
  });
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  function pollsOf(queue: string): QueuePolls {
    const known = byQueue.get(queue);
    if (known) return known;
    const polls = new QueuePolls(queue, (name, slots) => claimJobs(db, name, slots, options));
    byQueue.set(queue, polls);
    return polls;
  }

  function wakeHere(queue: string): void {
    byQueue.get(queue)?.wake();
  }

  /** Ready jobs stand in the queue, committed: wakes the polls of this process and of the others. */
  function wake(queue: string): void {
    wakeHere(queue);
    bell.ring(queue);
  }

  /**
   * Waits for jobs. A client that goes away while it is parked costs nothing; one that goes away between
   * the claim and the end of its answer gives its jobs back at once, with no attempt burnt.
   */
  async function poll(
    queue: string,
    pollOptions: PollOptions,
    onClientGone: (listener: () => void) => void,
  ): Promise<ClaimedJob[]> {
    const polls = pollsOf(queue);
    const { jobs, leave } = polls.poll(stopped ? { ...pollOptions, waitSeconds: 0 } : pollOptions);
    let gone = false;
    let handed: ClaimedJob[] = [];
    onClientGone(() => {
      gone = true;
      leave();
      giveBack(queue, handed);
    });
    try {
      handed = await jobs;
      if (gone) giveBack(queue, handed);
      return handed;
    } finally {
      if (polls.size === 0 && byQueue.get(queue) === polls) byQueue.delete(queue);
    }
  }

  function giveBack(queue: string, jobs: ClaimedJob[]): void {
    if (jobs.length === 0) return;
    Promise.all(jobs.map((job) => release.call(job)))
      .then(() => wake(queue))
      .catch((error: unknown) =>
        onError(error, 'undelivered jobs could not be given back; their leases will expire'),
      );
  }

  /** One look at all queues whose polls wait: a claim for each would cost far more. */
  async function lookForReady(): Promise<void> {
    const queues = [...byQueue].filter(([, polls]) => polls.size > 0).map(([queue]) => queue);
    if (queues.length === 0) return;
    const rows = await db.run(
      (sql) => sql<{ queue: string }[]>`
        select queue
        from unnest(${queues}::text[]) as waiting (queue)
        where exists (select from jobs where jobs.queue = waiting.queue and jobs.state = 'ready')`,
    );
    for (const { queue } of rows) wakeHere(queue);
  }

  async function sweep(): Promise<void> {
    for (const pass of [() => sweepDue(db), () => sweepExpired(db, options.backoffMaxSeconds)]) {
      let full = true;
      while (full && !stopped) {
        const swept = await pass();
        for (const queue of new Set(swept.queues)) wake(queue);
        full = swept.full;
      }
    }
  }

  /** Runs a task again and again, with jitter, whether it fails or not. */
  function repeat(task: () => Promise<void>, pauseMs: number, jitterMs: number, failure: string): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        task()
          .catch((error: unknown) => onError(error, failure))
          .finally(() => {
            if (!stopped) repeat(task, pauseMs, jitterMs, failure);
          });
      },
      pauseMs + Math.random() * jitterMs,
    );
    timers.add(timer);
  }

  return {
    options,
    push,
    complete: (lease: Parameters<typeof complete.call>[0]) => complete.call(lease),
    poll,
    wake,
    parked: (): number => [...byQueue.values()].reduce((sum, polls) => sum + polls.size, 0),

    start(): void {
      bell.listen().catch((error: unknown) => onError(error, 'LISTEN failed, and is tried again'));
      repeat(lookForReady, FALLBACK_MS, FALLBACK_JITTER_MS, 'looking for ready jobs failed');
      repeat(sweep, SWEEP_MS, SWEEP_JITTER_MS, 'the sweep failed');
    },

    /** Parked polls are answered at once with nothing, and no new one is parked. */
    drain(): void {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      for (const polls of byQueue.values()) polls.dismissAll();
    },

    /** After the last request: what is in flight finishes. */
    async close(): Promise<void> {
      await Promise.all([pushesIdle(), complete.idle(), release.idle()]);
      await bell.close();
    },
  };
}
