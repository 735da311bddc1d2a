import type { Database } from '../../../database/database.js';
import { Repeater } from '../../repeater.js';
import { observeSwept, type QueueObserver } from '../observer.js';
import { deleteDeadJobs } from '../sql/delete-dead-jobs.js';
import { deleteJobIds } from '../sql/delete-job-ids.js';
import { findReadyQueues } from '../sql/find-ready-queues.js';
import { emptyCompletedJobs } from '../sql/keep-completed.js';
import type { ReadyJob } from '../sql/queue-position.js';
import type { Swept } from '../sql/sweep.js';
import { sweepDueJobs } from '../sql/sweep-due-jobs.js';
import { sweepExpiredLeases } from '../sql/sweep-expired-leases.js';
import { watchLeases } from '../sql/watch-leases.js';
import { SkippingSweep } from './skipping-sweep.js';

interface Dependencies {
  db: Database;
  options: {
    leaseSeconds: number;
    backoffMaxSeconds: number;
    deadRetentionDays: number;
    idRetentionMinutes: number;
    completedRetentionMinutes: number;
  };
  observer: QueueObserver;
  /** The queues where polls wait. */
  queues: () => string[];
  /** The queue has ready jobs, which may not have been announced. */
  onFound: (queue: string) => void;
  /** These jobs have become ready. */
  onReady: (jobs: ReadyJob[]) => void;
  onError: (error: unknown, message: string) => void;
}

/** Jobs that fall due within this time share a sweep. */
const DUE_STEP_MS = 25;
/** The grace for leases that could not be extended, as a part of the default lease. */
const GRACE = 1 / 3;
/** While sweeps take longer than this, due jobs get no sweeps of their own. */
const MAX_DUE_SWEEP_MS = 100;

/**
 * What a process does for the queue in the background: it makes due jobs ready, ends the runs of expired leases, finds
 * ready jobs that were not announced, and deletes old rows (docs/queue.md#housekeeping).
 */
export class Housekeeping {
  readonly #with: Dependencies;
  readonly #repeater: Repeater;
  readonly #due: SkippingSweep;
  readonly #expired: SkippingSweep;
  readonly #dueSweeps = new Set<number>();
  #dueSweepTookMs = 0;
  /** The last moment at which leases could be extended, by the clock of the database. */
  #seenAt: string | undefined;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    const { db, options, onError } = dependencies;
    this.#repeater = new Repeater(onError);
    this.#due = new SkippingSweep(sweepDueJobs(db), onError);
    this.#expired = new SkippingSweep(
      sweepExpiredLeases(db, options.backoffMaxSeconds, () => this.#seenAt),
      onError,
    );
  }

  start(): void {
    const { db, options } = this.#with;
    this.#repeater.every([1000, 2000], () => this.#lookForReady(), 'looking for ready jobs failed');
    this.#repeater.every([500, 900], () => this.#sweepDueJobs(), 'the sweep of due jobs failed');
    this.#repeater.every([300, 600], () => this.#watchLeases(), 'the watch of leases failed');
    this.#repeater.every(
      [500, 900],
      () => this.#sweepAll(() => this.#expired.pass()),
      'the sweep of leases failed',
    );
    this.#repeater.every(
      [600_000, 1_200_000],
      () => this.#sweepAll(() => deleteDeadJobs(db, options.deadRetentionDays)),
      'the sweep of dead jobs failed',
    );
    this.#repeater.every(
      [600_000, 1_200_000],
      () => this.#sweepAll(() => deleteJobIds(db, options.idRetentionMinutes)),
      'the sweep of remembered ids failed',
    );
    this.#repeater.every(
      options.completedRetentionMinutes > 0 ? [10_000, 20_000] : [600_000, 1_200_000],
      () => this.#sweepAll(() => emptyCompletedJobs(db, options.completedRetentionMinutes)),
      'the sweep of completed jobs failed',
    );
  }

  /** A job falls due in so many seconds. If that is soon it gets a sweep of its own, shared with jobs of about the same time. */
  expectDue(seconds: number): void {
    if (seconds >= 1 || this.#dueSweepTookMs > MAX_DUE_SWEEP_MS) return;
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
    this.#repeater.stop();
  }

  async #lookForReady(): Promise<number> {
    const { db, queues, onFound } = this.#with;
    const waiting = queues();
    if (waiting.length === 0) return 0;
    const beganAt = performance.now();
    for (const queue of await findReadyQueues(db, waiting)) onFound(queue);
    return performance.now() - beganAt;
  }

  async #watchLeases(): Promise<number> {
    const { db, options } = this.#with;
    this.#seenAt = (await watchLeases(db, this.#seenAt, options.leaseSeconds * GRACE)) ?? this.#seenAt;
    // Counts as no time, so that the pause never becomes longer: that would look like an outage.
    return 0;
  }

  async #sweepDueJobs(): Promise<number> {
    this.#dueSweepTookMs = await this.#sweepAll(() => this.#due.pass());
    return this.#dueSweepTookMs;
  }

  #sweepAll(pass: () => Promise<Swept>): Promise<number> {
    return this.#repeater.passes(async () => {
      const swept = await pass();
      this.#with.onReady(swept.ready);
      observeSwept(this.#with.observer, swept);
      return swept.full;
    });
  }
}
