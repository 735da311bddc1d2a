import type { Database } from '../../database/database.js';
import type { ReleaseAlias } from '../media/release.js';
import type { Repeater } from '../repeater.js';
import { expireStatement, forgetStatement, type Unclaimed } from './removal.js';

const UPLOADS_PER_PASS = 100;

/**
 * Removes expired uploads in the background, and releases those of their aliases that nobody has claimed, each in a
 * statement of its own. If a release fails or waits for a lock too long, the upload is tried again later, and the
 * others go on.
 */
export function expireUploads(
  repeater: Repeater,
  { db, release }: { db: Database; release: ReleaseAlias },
): void {
  async function pass(): Promise<boolean> {
    const [row] = await db.run((sql) => expireStatement(sql, UPLOADS_PER_PASS));
    for (const one of row?.unclaimed ?? []) {
      if (repeater.isStopped) break;
      await releaseUnclaimed(one);
    }
    return row?.due === UPLOADS_PER_PASS;
  }

  async function releaseUnclaimed({ id, alias, token, queue }: Unclaimed): Promise<void> {
    try {
      await release(alias, token, { enqueue: queue ?? undefined, lockTimeout: 'long' });
      await db.run((sql) => forgetStatement(sql, id));
    } catch (error) {
      repeater.onError(
        error,
        `the alias of the unclaimed upload ${id} could not be released, and is tried again later`,
      );
    }
  }

  repeater.every([1000, 2000], () => repeater.passes(pass), 'the search for expired uploads failed');
}
