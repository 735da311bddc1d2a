import type { Database } from '../../database/database.js';
import type { ReadyAgain } from './end-runs.js';
import type { QueueObserver } from './observer.js';
import { Repeater } from './repeater.js';
import { SetAside } from './set-aside.js';
import { dueSweep, expiredSweep, type Swept, sweepDead, sweepIds } from './sweep.js';

interface Dependencies {
  db: Database;
  options: { backoffMaxSeconds: number; deadRetentionDays: number; idRetentionMinutes: number };
  observer: QueueObserver;
  /** The queues where somebody waits. */
  queues: () => string[];
  /** Ready jobs stand in this queue, which somebody may not have told of. */
  onFound: (queue: string) => void;
  /** These jobs have just become ready. */
  onReady: (jobs: ReadyAgain[]) => void;
  onError: (error: unknown, message: string) => void;
}

/** How exactly a short delay is kept. */
const DUE_STEP_MS = 25;
/** A sweep that costs more is not made for a single delay. */
const DUE_COST_MS = 100;

/** What a process does for the queue unasked: ready is what falls due, what is lost, and what nobody told of. */
export class Housekeeping {
  readonly #with: Dependencies;
  readonly #repeater: Repeater;
  readonly #due: SetAside;
  readonly #expired: SetAside;
  readonly #dueSweeps = new Set<number>();
  #dueCost = 0;
  #stopped = false;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    const { db, options, onError } = dependencies;
    this.#repeater = new Repeater(onError);
    this.#due = new SetAside(dueSweep(db), onError);
    this.#expired = new SetAside(expiredSweep(db, options.backoffMaxSeconds), onError);
  }

  start(): void {
    const { db, options } = this.#with;
    this.#repeater.every([1000, 2000], () => this.#lookForReady(), 'looking for ready jobs failed');
    this.#repeater.every([500, 900], () => this.#sweepDueJobs(), 'the sweep of due jobs failed');
    this.#repeater.every(
      [500, 900],
      () => this.#sweepAll(() => this.#expired.pass()),
      'the sweep of leases failed',
    );
    this.#repeater.every(
      [600_000, 1_200_000],
      () => this.#sweepAll(() => sweepDead(db, options.deadRetentionDays)),
      'the sweep of dead jobs failed',
    );
    this.#repeater.every(
      [600_000, 1_200_000],
      () => this.#sweepAll(() => sweepIds(db, options.idRetentionMinutes)),
      'the sweep of remembered ids failed',
    );
  }

  /** A job falls due in so many seconds. If that is soon it gets a sweep, which those at about the same time share. */
  expectDue(seconds: number): void {
    if (seconds >= 1 || this.#dueCost > DUE_COST_MS) return;
    const at = Math.ceil((performance.now() + seconds * 1000) / DUE_STEP_MS) * DUE_STEP_MS;
    if (this.#dueSweeps.has(at)) return;
    this.#dueSweeps.add(at);
    this.#repeater.once(
      at - performance.now(),
      () => this.#sweepDueJobs(),
      'the sweep of due jobs failed',
      () => this.#dueSweeps.delete(at),
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#repeater.stop();
  }

  /** One look at all queues where somebody waits: a claim for each would cost far more. */
  async #lookForReady(): Promise<number> {
    const queues = this.#with.queues();
    if (queues.length === 0) return 0;
    const began = performance.now();
    const rows = await this.#with.db.run(
      (sql) => sql<{ queue: string }[]>`
        select queue
        from unnest(${queues}::text[]) as waiting (queue)
        where exists (select from jobs where jobs.queue = waiting.queue and jobs.state = 'ready')`,
    );
    for (const { queue } of rows) this.#with.onFound(queue);
    return performance.now() - began;
  }

  async #sweepDueJobs(): Promise<number> {
    this.#dueCost = await this.#sweepAll(() => this.#due.pass());
    return this.#dueCost;
  }

  /** Passes until nothing is left. The last one had the least to do: it tells what looking costs. */
  async #sweepAll(pass: () => Promise<Swept>): Promise<number> {
    for (;;) {
      const began = performance.now();
      const swept = await pass();
      this.#with.onReady(swept.ready);
      this.#with.observer.jobs('expired', swept.expired ?? 0);
      if (!swept.full || this.#stopped) return performance.now() - began;
    }
  }
}
