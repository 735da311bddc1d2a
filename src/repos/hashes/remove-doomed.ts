import type { Database } from '../../database/database.js';
import { isLockTimeout } from '../../database/errors.js';
import type { Enqueuer } from '../enqueue.js';
import type { Repeater } from '../repeater.js';
import { MAX_CHILDREN } from './cleanup.js';
import { type Doomed, findDoomed, stepStatement } from './doomed-steps.js';
import { REMOVAL_CONFLICTS } from './removal-parts.js';

/** How many hashes are removed at the same time. */
const HASHES_PER_ROUND = 100;

/**
 * Removes doomed hashes in the background, one step of each in turn. They may have been doomed by another process,
 * which may have ended. Replicas skip the hashes that another one has locked.
 */
export function removeDoomedHashes(
  repeater: Repeater,
  { db, enqueuer }: { db: Database; enqueuer: Enqueuer },
): void {
  /** @returns whether something was removed, so that there may be more */
  async function round(): Promise<boolean> {
    let steps = 0;
    for (const one of await db.run((sql) => findDoomed(sql, HASHES_PER_ROUND))) {
      if (repeater.isStopped) break;
      if (await step(one)) steps++;
    }
    return steps > 0;
  }

  async function step({ hash, queue }: Doomed): Promise<boolean> {
    try {
      const [row] = await db.run((sql) => stepStatement(sql, hash, MAX_CHILDREN, enqueuer.into(sql, queue)), {
        conflicts: REMOVAL_CONFLICTS,
      });
      if (row && queue !== null && row.files > 0) enqueuer.pushed(queue, row.files);
      return row !== undefined;
    } catch (error) {
      // Rows that another transaction has locked are tried again in the next round.
      if (!isLockTimeout(error)) repeater.onError(error, 'a step of the removal of a hash failed');
      return false;
    }
  }

  // Each pause is as long as the round before it, so that removals use at most half of a session.
  repeater.every([500, 1000], () => repeater.passes(round, 1), 'the search for doomed hashes failed');
}
