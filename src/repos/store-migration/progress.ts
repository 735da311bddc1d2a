import type { Database } from '../../database/database.js';
import { SharedRun } from '../shared-run.js';

/** The progress of a move to another store. */
export interface MoveProgress {
  /** The number of files that contents use. */
  total: number;
  /** The number of those files that are marked. */
  done: number;
  /** Files per second, over the last minute. */
  rate: number;
}

/** A count that took less time is not kept, so that it includes everything committed before a request. */
const MAX_UNKEPT_MS = 1000;
/** A slower count is kept for this many times its duration, so that counts are a small part of the load. */
const KEEP_FACTOR = 20;
const RATE_SECONDS = 60;

/** Counts the files of a move. One count runs at a time, and serves all requests that arrived before it began. */
export function moveProgress(db: Database): () => Promise<MoveProgress> {
  let kept: { progress: MoveProgress; until: number } | undefined;

  async function count(): Promise<MoveProgress> {
    const beganAt = performance.now();
    const [row] = await db.run(
      (sql) => sql<MoveProgress[]>`
        with recent as (
          select count(*) as count, min(marked_at) as since
          from store_migrations
          where marked_at > clock_timestamp() - make_interval(secs => ${RATE_SECONDS})
        )
        select
          (select count(*) from hashes where doomed_at is null)
          + (select count(*) from hashes where doomed_at is null and motion_identifier is not null)
          + (select count(*) from variants) as total,
          (
            select count(*)
            from files
            join store_migrations on new_identifier = identifier
            where condemned_at is null
          )
          + (
            select count(*)
            from files
            join store_migrations on old_identifier = identifier
            where condemned_at is null
              and new_identifier is distinct from old_identifier
          ) as done,
          (
            select round(count / greatest(extract(epoch from clock_timestamp() - since), 1)::numeric, 2)
            from recent
          ) as rate`,
      { class: 'bulk' },
    );
    const { total = 0, done = 0, rate } = row ?? {};
    const progress = { total, done: Math.min(done, total), rate: rate ?? 0 };
    const endedAt = performance.now();
    const tookMs = endedAt - beganAt;
    kept = tookMs > MAX_UNKEPT_MS ? { progress, until: endedAt + KEEP_FACTOR * tookMs } : undefined;
    return progress;
  }

  const counts = new SharedRun(count);
  return async () => (kept && performance.now() < kept.until ? kept.progress : await counts.anew());
}
