import type { Database } from '../../database/database.js';
import type { Repeater } from '../repeater.js';
import { backfillFiles } from './backfill.js';
import { freeNames } from './condemnation.js';

interface Dependencies {
  db: Database;
  options: { graceSeconds: number; retentionDays: number };
  /** Called when all old files are in the table `files`, with the number of those that have several owners. */
  onShared: (count: number) => void;
}

const NAMES_PER_PASS = 1000;
/** The pause after a step is this many times its duration, so that steps are a small part of the load. */
const PAUSE_FACTOR = 4;
const MIN_PAUSE_MS = 10;
/** The pause after a failure, or while another process runs the steps. */
const LONG_PAUSE_MS = 1000;

/** The background work on files: frees names, and adds old files to the table `files` (backfill.ts). */
export function maintainFiles(repeater: Repeater, { db, options, onShared }: Dependencies): void {
  const pass = async (): Promise<boolean> => {
    const [row] = await db.run((sql) => freeNames(sql, options, NAMES_PER_PASS));
    // With and without a report: a pass may free twice as many.
    return row !== undefined && row.freed >= NAMES_PER_PASS;
  };

  function backfill(pauseMs: number): void {
    let next: number | undefined = LONG_PAUSE_MS;
    repeater.once(
      pauseMs,
      async () => {
        const beganAt = performance.now();
        const progress = await backfillFiles(db);
        if (progress?.stage === 'done') {
          next = undefined;
          if (progress.shared > 0) onShared(progress.shared);
        } else if (progress) next = Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * (performance.now() - beganAt));
        return 0;
      },
      'old files could not be added to the table files',
      () => {
        if (next !== undefined) backfill(next);
      },
    );
  }

  repeater.every([1000, 2000], () => repeater.passes(pass), 'names of deleted files could not be freed');
  backfill(0);
}
