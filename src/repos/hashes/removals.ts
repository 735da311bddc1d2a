import type { Database } from '../../database/database.js';
import { isLockTimeout } from '../../database/errors.js';
import type { Enqueuer } from '../enqueue.js';
import { Repeater } from '../repeater.js';
import { MAX_CHILDREN } from './cleanup.js';
import { type Doomed, findDoomed, stepStatement } from './doomed-steps.js';
import { REMOVAL_CONFLICTS } from './removal-parts.js';

interface Dependencies {
  db: Database;
  enqueuer: Enqueuer;
  onError: (error: unknown, message: string) => void;
}

/** How many hashes are removed in turns. */
const AT_ONCE = 100;

/**
 * Goes on with the removal of doomed hashes, a step of each in turn, also of those that a process left that has ended.
 * Replicas that do so at the same time pass by each other.
 */
export class Removals {
  readonly #with: Dependencies;
  readonly #repeater: Repeater;
  #isStopped = false;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    this.#repeater = new Repeater(dependencies.onError);
  }

  start(): void {
    this.#repeater.every([500, 1000], () => this.#goOn(), 'doomed hashes could not be looked for');
  }

  stop(): void {
    this.#isStopped = true;
    this.#repeater.stop();
  }

  async #goOn(): Promise<number> {
    for (;;) {
      const beganAt = performance.now();
      const doomed = await this.#with.db.run((sql) => findDoomed(sql, AT_ONCE));
      let steps = 0;
      for (const one of doomed) {
        if (this.#isStopped) break;
        if (await this.#step(one)) steps++;
      }
      const tookMs = performance.now() - beganAt;
      if (steps === 0 || this.#isStopped) return tookMs;
      // Half of the time belongs to others.
      await new Promise((resolve) => this.#repeater.once(tookMs, async () => 0, '', resolve));
    }
  }

  /** @returns whether something was removed */
  async #step({ hash, queue }: Doomed): Promise<boolean> {
    const { db, enqueuer, onError } = this.#with;
    try {
      const [row] = await db.run(
        (sql) =>
          stepStatement(sql, hash, MAX_CHILDREN, (jobs) =>
            queue === null ? undefined : enqueuer.insert(sql, queue, jobs),
          ),
        { conflicts: REMOVAL_CONFLICTS },
      );
      if (row && queue !== null && row.files > 0) enqueuer.pushed(queue, row.files);
      return row !== undefined;
    } catch (error) {
      // What another transaction has locked is tried again in the next round.
      if (!isLockTimeout(error)) onError(error, 'a step of the removal of a hash failed');
      return false;
    }
  }
}
