import type { Database } from '../database/database.js';
import { createEnqueuer } from './enqueue.js';
import { maintainFiles } from './files/upkeep.js';
import { removeDoomedHashes } from './hashes/remove-doomed.js';
import { aliasReleases } from './media/release.js';
import { removerOf } from './media/remover.js';
import type { QueueEngine } from './queue/engine.js';
import { Repeater } from './repeater.js';
import { expireUploads } from './uploads/expiry.js';
import { forgetClaims } from './variant-claims/forget.js';

interface Options {
  condemnedGraceSeconds: number;
  condemnedRetentionDays: number;
  /** Called when all old files are in the table `files`, with the number of those that have several owners. */
  onShared: (count: number) => void;
  onError: (error: unknown, message: string) => void;
}

/** What repos do in the background, apart from the queue, whose housekeeping its engine starts. */
export function createBackgroundWork(db: Database, engine: QueueEngine, options: Options) {
  const {
    condemnedGraceSeconds: graceSeconds,
    condemnedRetentionDays: retentionDays,
    onShared,
    onError,
  } = options;
  const repeater = new Repeater(onError);
  return {
    start(): void {
      const enqueuer = createEnqueuer(engine);
      maintainFiles(repeater, { db, options: { graceSeconds, retentionDays }, onShared });
      removeDoomedHashes(repeater, { db, enqueuer });
      expireUploads(repeater, { db, release: aliasReleases(removerOf(db, enqueuer)) });
      forgetClaims(repeater, db);
    },

    stop: (): void => repeater.stop(),
  };
}
