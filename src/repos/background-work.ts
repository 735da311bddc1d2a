import type { Database } from '../database/database.js';
import { createEnqueuer } from './enqueue.js';
import { FileUpkeep } from './files/upkeep.js';
import { Removals } from './hashes/removals.js';
import { aliasReleases } from './media/release.js';
import { removerOf } from './media/remover.js';
import type { QueueEngine } from './queue/engine.js';
import { UploadExpiry } from './uploads/expiry.js';
import { ClaimUpkeep } from './variant-claims/upkeep.js';

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
  const enqueuer = createEnqueuer(engine);
  const works = [
    new FileUpkeep({ db, options: { graceSeconds, retentionDays }, onShared, onError }),
    new Removals({ db, enqueuer, onError }),
    new UploadExpiry({ db, release: aliasReleases(removerOf(db, enqueuer)), onError }),
    new ClaimUpkeep({ db, onError }),
  ];
  return {
    start(): void {
      for (const work of works) work.start();
    },

    stop(): void {
      for (const work of works) work.stop();
    },
  };
}
