import type { Database } from '../../database/database.js';

/** How far a move to another store is. */
export interface MoveProgress {
  /** Files that contents have. */
  total: number;
  /** Those of them that are marked. */
  done: number;
  /** Files a second, over the last minute. */
  rate: number;
}

/** A count that took no longer is not kept, so that it includes all that was committed before a request. */
const MAX_UNKEPT_MS = 1000;
/** Others are reused for so many times as long as they took, so that they are a small part of the load. */
const KEEP_FACTOR = 20;
const RATE_SECONDS = 60;

/** Counts the files of a move. One count runs at a time, for all who asked before it began. */
export function moveProgress(db: Database): () => Promise<MoveProgress> {
  let kept: { progress: MoveProgress; until: number } | undefined;
  let running: Promise<MoveProgress> | undefined;
  let next: Promise<MoveProgress> | undefined;

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

  function begin(): Promise<MoveProgress> {
    running ??= count().finally(() => {
      running = undefined;
    });
    return running;
  }

  return async () => {
    if (kept && performance.now() < kept.until) return kept.progress;
    if (!running) return await begin();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return begin();
      });
    return await next;
  };
}
