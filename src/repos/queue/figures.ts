import { problemOf } from '../../database/errors.js';
import { SharedRun } from '../shared-run.js';
import type { Figures, QueueStats } from './sql/count-queues.js';

/** Older figures are never answered. */
const MAX_AGE_MS = 5000;
/** Figures are reused for this many times as long as the count took. */
const KEEP_FACTOR = 20;
/** If there are no more jobs than this, and the count took no longer, each request has the jobs counted anew. */
const MAX_UNKEPT_JOBS = 50_000;
const MAX_UNKEPT_MS = 1000;

/** A queue that has no jobs and is not paused. */
export function emptyQueue(queue: string): QueueStats {
  return { queue, ready: 0, scheduled: 0, running: 0, dead: 0, oldest_ready_seconds: null, paused: false };
}

/** Adds the named queues that have no figures, because they have no jobs and are not paused. */
export function withEmptyQueues(figures: QueueStats[], names: string[]): QueueStats[] {
  const known = new Set(figures.map(({ queue }) => queue));
  const missing = names.filter((queue) => !known.has(queue));
  return missing.length === 0 ? figures : inOrder([...figures, ...missing.map(emptyQueue)]);
}

/** In the order of the bytes of their names, as PostgreSQL sorts them. */
function inOrder(queues: QueueStats[]): QueueStats[] {
  const keyed = queues.map((stats) => ({ stats, key: Buffer.from(stats.queue) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ stats }) => stats);
}

/**
 * The figures of all queues; concurrent requests share a count. With few jobs, the figures include all that was
 * committed before the request. With many, they are reused for a while, and a later request has them counted again in
 * the background.
 */
export class SharedFigures {
  readonly #count: () => Promise<Figures>;
  readonly #onCounted: (queues: QueueStats[]) => void;
  #latest: { figures: Figures; begunAt: number; tookMs: number; isSmall: boolean } | undefined;
  readonly #counts = new SharedRun(() => this.#run());

  constructor(count: () => Promise<Figures>, onCounted: (queues: QueueStats[]) => void = () => {}) {
    this.#count = count;
    this.#onCounted = onCounted;
  }

  /**
   * @param maxAgeMs how old the figures may be, where those of other requests can serve
   * @throws Problem 503 `database_unavailable` or `overloaded`
   */
  async read(maxAgeMs = 0): Promise<Figures> {
    const latest = this.#latest;
    if (latest && maxAgeMs > 0 && performance.now() - latest.begunAt <= maxAgeMs) return latest.figures;
    // A request that accepts older figures shares a running count.
    if (maxAgeMs > 0 && this.#counts.isRunning) return await this.#counts.join();
    if (!latest || latest.isSmall) return await this.#counts.anew();
    const age = performance.now() - latest.begunAt;
    if (age > MAX_AGE_MS) return await this.#counts.join();
    if (age > latest.tookMs * KEEP_FACTOR) this.#counts.join().catch(() => {});
    return latest.figures;
  }

  async #run(): Promise<Figures> {
    const begunAt = performance.now();
    try {
      const figures = await this.#count();
      const tookMs = performance.now() - begunAt;
      const isSmall = tookMs < MAX_UNKEPT_MS && countJobs(figures) <= MAX_UNKEPT_JOBS;
      this.#onCounted(figures.queues);
      this.#latest = { figures, begunAt, tookMs, isSmall };
      return figures;
    } catch (error) {
      throw problemOf(error);
    }
  }
}

function countJobs({ queues }: Figures): number {
  return queues.reduce(
    (sum, { ready, scheduled, running, dead }) => sum + ready + scheduled + running + dead,
    0,
  );
}
