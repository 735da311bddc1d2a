import type { JobToInsert } from '../sql/job-to-insert.js';
import type { ReadyJob } from '../sql/queue-position.js';
import type { Placed } from './pushes.js';

interface Dependencies {
  /** The polls of this process. */
  dispatcher: {
    wake: (queue: string) => void;
    lowerMark: (job: ReadyJob) => void;
    expect: (queue: string, priority: number) => void;
  };
  /** Tells the other processes that the queue has ready jobs. */
  notify: (queue: string) => void;
  /** A job falls due in so many seconds, and must then be made ready. */
  expectDue: (seconds: number) => void;
}

/** Tells the polls of this process, and the other processes, that there are ready jobs. */
export class Announcer {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** The queue has ready jobs, committed. */
  wake(queue: string): void {
    this.#with.dispatcher.wake(queue);
    this.#with.notify(queue);
  }

  /** These jobs are ready again, or have fallen due. */
  ready(jobs: ReadyJob[]): void {
    for (const job of jobs) this.#with.dispatcher.lowerMark(job);
    for (const queue of new Set(jobs.map((job) => job.queue))) this.wake(queue);
  }

  /** These jobs were pushed. Those that a poll got directly need no claim. */
  pushed(jobs: JobToInsert[], placed: Placed[]): void {
    const queues = new Set<string>();
    for (const [at, { queue, priority = 0, delay_seconds = 0, run_at }] of jobs.entries()) {
      if (placed[at]?.isDelivered) continue;
      queues.add(queue);
      this.#with.dispatcher.expect(queue, priority);
      const secondsToRun = run_at === undefined ? 0 : (Date.parse(run_at) - Date.now()) / 1000;
      const seconds = Math.max(delay_seconds, secondsToRun);
      if (seconds > 0) this.#with.expectDue(seconds);
    }
    for (const queue of queues) this.wake(queue);
  }
}
