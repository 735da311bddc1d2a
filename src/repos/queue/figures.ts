import { type Database, problemOf } from '../../database/database.js';
import { utcText } from '../keyset.js';

export interface QueueStats {
  queue: string;
  ready: number;
  scheduled: number;
  running: number;
  dead: number;
  oldest_ready_seconds: number | null;
  paused: boolean;
}

/** The queues that have jobs, live or dead, or are paused, in the order of their names. */
export interface Figures {
  /** When they were counted, by the clock of the database. */
  as_of: string;
  queues: QueueStats[];
}

/** Figures are never older than this when they are given out. */
const MOST_AGE_MS = 5000;
/** Counting may take one part in so many of the time. */
const KEPT_TIMES = 20;
/** Up to so many jobs, counted in so little time, figures are counted anew for whoever asks. */
const SMALL_JOBS = 50_000;
const SMALL_MS = 250;

/**
 * The ready jobs are counted by the index jobs_ready alone, or from the table where the planner knows that many rows
 * were written since the last vacuum: its plan must be free to take either (see FIGURES_PLANS). The oldest job is the
 * one that arrived first, which the index tells; the smallest of all times would have to be read from each row.
 */
export async function countQueues(db: Pick<Database, 'run'>): Promise<Figures> {
  const rows = await db.run(
    (sql) => sql<(QueueStats & { queue: string | null; as_of: string })[]>`
      with ready_by_priority as materialized (
        select queue, priority, count(*) as jobs, min(seq) as first_seq
        from jobs
        where state = 'ready'
        group by queue, priority
      ),
      ready as (
        select queue, sum(jobs) as ready
        from ready_by_priority
        group by queue
      ),
      oldest as (
        select distinct on (queue) queue, priority, first_seq
        from ready_by_priority
        order by queue, first_seq
      ),
      scheduled as (
        select queue, count(*) as scheduled
        from jobs
        where state = 'scheduled'
        group by queue
      ),
      running as (
        select queue, count(*) as running
        from jobs
        where state = 'running'
        group by queue
      ),
      dead as (
        select queue, count(*) as dead
        from dead_jobs
        group by queue
      ),
      paused as (
        select queue, true as paused
        from paused_queues
      ),
      figures as (
        select
          queue,
          coalesce(ready, 0) as ready,
          coalesce(scheduled, 0) as scheduled,
          coalesce(running, 0) as running,
          coalesce(dead, 0) as dead,
          (
            select greatest(extract(epoch from clock_timestamp() - queued_at), 0)::numeric
            from jobs
            where jobs.state = 'ready'
              and jobs.queue = oldest.queue
              and jobs.priority = oldest.priority
              and jobs.seq = oldest.first_seq
            limit 1
          ) as oldest_ready_seconds,
          coalesce(paused, false) as paused
        from ready
        join oldest using (queue)
        full join scheduled using (queue)
        full join running using (queue)
        full join dead using (queue)
        full join paused using (queue)
      )
      select ${utcText(sql, 'moment.as_of')}, figures.*
      from (select now() as as_of) as moment
      left join figures on true
      order by queue collate "C"`,
  );
  // Where there is no queue at all, one row tells the moment.
  return {
    as_of: rows[0]?.as_of ?? '',
    queues: rows.filter((row) => row.queue !== null).map(({ as_of: _, ...stats }) => stats),
  };
}

/** A queue that has no jobs and is not paused. */
export function emptyQueue(queue: string): QueueStats {
  return { queue, ready: 0, scheduled: 0, running: 0, dead: 0, oldest_ready_seconds: null, paused: false };
}

/**
 * The figures of all queues, counted once for all who ask. In a small database they show whatever was committed
 * before somebody asked. In a large one they are kept, and counted again in the background while somebody asks.
 */
export class SharedFigures {
  readonly #count: () => Promise<Figures>;
  #latest: { figures: Figures; begunAt: number; tookMs: number; isSmall: boolean } | undefined;
  #running: Promise<Figures> | undefined;
  /** What begins when the running count has ended, for those who asked after that had begun. */
  #next: Promise<Figures> | undefined;

  constructor(count: () => Promise<Figures>) {
    this.#count = count;
  }

  /** @throws Problem 503 `database_unavailable` or `overloaded` */
  async read(): Promise<Figures> {
    const latest = this.#latest;
    if (!latest || latest.isSmall) return await this.#countAnew();
    const age = performance.now() - latest.begunAt;
    if (age > MOST_AGE_MS) return await this.#join();
    if (age > latest.tookMs * KEPT_TIMES) this.#join().catch(() => {});
    return latest.figures;
  }

  #countAnew(): Promise<Figures> {
    if (!this.#running) return this.#join();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#join();
      });
    return this.#next;
  }

  /** The count that runs, or one that begins now. */
  #join(): Promise<Figures> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Figures> {
    const begunAt = performance.now();
    try {
      const figures = await this.#count();
      const tookMs = performance.now() - begunAt;
      const isSmall = tookMs < SMALL_MS && jobsOf(figures) <= SMALL_JOBS;
      this.#latest = { figures, begunAt, tookMs, isSmall };
      return figures;
    } catch (error) {
      throw problemOf(error);
    }
  }
}

function jobsOf({ queues }: Figures): number {
  return queues.reduce(
    (sum, { ready, scheduled, running, dead }) => sum + ready + scheduled + running + dead,
    0,
  );
}
