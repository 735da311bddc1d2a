import type { Database } from '../../database/database.js';
import { Repeater } from '../repeater.js';
import { freeNames } from './condemnation.js';
import { takeInFiles } from './take-in.js';

interface Dependencies {
  db: Database;
  options: { graceSeconds: number; retentionDays: number };
  /** Called when all old files are in the table `files`, with the number of those that have several owners. */
  onShared: (count: number) => void;
  onError: (error: unknown, message: string) => void;
}

const NAMES_PER_RUN = 1000;
/** The pause after a step is this many times its duration, so that steps are a small part of the load. */
const PAUSE_FACTOR = 4;
const MIN_PAUSE_MS = 10;
/** The pause after a failure, or while another process runs the steps. */
const LONG_PAUSE_MS = 1000;

/** The background work on files: frees names, and adds old files to the table `files` (take-in.ts). */
export class FileUpkeep {
  readonly #with: Dependencies;
  readonly #repeater: Repeater;
  #isStopped = false;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    this.#repeater = new Repeater(dependencies.onError);
  }

  start(): void {
    this.#repeater.every([1000, 2000], () => this.#freeNames(), 'names of deleted files could not be freed');
    this.#takeIn(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#repeater.stop();
  }

  async #freeNames(): Promise<number> {
    const { db, options } = this.#with;
    for (;;) {
      const beganAt = performance.now();
      const [row] = await db.run((sql) => freeNames(sql, options, NAMES_PER_RUN));
      if (!row || row.freed < NAMES_PER_RUN || this.#isStopped) return performance.now() - beganAt;
    }
  }

  #takeIn(pauseMs: number): void {
    const { db, onShared } = this.#with;
    let next: number | undefined = LONG_PAUSE_MS;
    this.#repeater.once(
      pauseMs,
      async () => {
        const beganAt = performance.now();
        const progress = await takeInFiles(db);
        if (progress?.stage === 'done') {
          next = undefined;
          if (progress.shared > 0) onShared(progress.shared);
        } else if (progress) next = Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * (performance.now() - beganAt));
        return 0;
      },
      'old files could not be added to the table files',
      () => {
        if (next !== undefined) this.#takeIn(next);
      },
    );
  }
}
