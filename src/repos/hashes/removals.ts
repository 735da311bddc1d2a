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

/** How many hashes are removed at the same time. */
const HASHES_PER_ROUND = 100;

/**
 * Removes doomed hashes in the background, one step of each in turn. They may have been doomed by another process,
 * which may have ended. Replicas skip the hashes that another one has locked.
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
    this.#repeater.every([500, 1000], () => this.#goOn(), 'the search for doomed hashes failed');
  }

  stop(): void {
    this.#isStopped = true;
    this.#repeater.stop();
  }

  async #goOn(): Promise<number> {
    for (;;) {
      const beganAt = performance.now();
      const doomed = await this.#with.db.run((sql) => findDoomed(sql, HASHES_PER_ROUND));
      let steps = 0;
      for (const one of doomed) {
        if (this.#isStopped) break;
        if (await this.#step(one)) steps++;
      }
      const tookMs = performance.now() - beganAt;
      if (steps === 0 || this.#isStopped) return tookMs;
      // The pause is as long as the round took, so that removals use at most half of a session.
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
      // Rows that another transaction has locked are tried again in the next round.
      if (!isLockTimeout(error)) onError(error, 'a step of the removal of a hash failed');
      return false;
    }
  }
}
