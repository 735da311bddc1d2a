import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from './database.js';
import { openLastingSession } from './driver/session.js';

/** How far PostgreSQL is with the build of an index. */
export interface Build {
  index: string;
  /** In the words of pg_stat_progress_create_index. */
  phase: string;
  /** Blocks of the table, or tuples of the index, that the phase has dealt with. */
  done: number;
  /** 0 if the phase has nothing to count. */
  total: number;
}

export interface BuildWatch {
  everyMs: number;
  show(build: Build): void;
}

/**
 * Reads at regular times how far the builds of these indexes are, whichever process builds them. It has a session of its
 * own, because the session that builds is busy. The progress is only for display, so the watch ends at the first error.
 *
 * @returns a function that ends the watch
 */
export function watchBuilds(
  connection: ConnectionOptions,
  schema: string,
  indexes: string[],
  { everyMs, show }: BuildWatch,
): () => Promise<void> {
  const session = openLastingSession(connection);
  const { sql } = session;
  const end = new AbortController();
  const isOver = (): boolean => end.signal.aborted;
  const look = async (): Promise<void> => {
    while (!isOver()) {
      await sleep(everyMs, undefined, { signal: end.signal });
      const builds = await sql<Build[]>`
        select
          wanted.name as index,
          phase,
          case when blocks_total > 0 then blocks_done else tuples_done end as done,
          case when blocks_total > 0 then blocks_total else tuples_total end as total
        from unnest(${indexes}::text[]) as wanted (name)
        join pg_stat_progress_create_index
          on index_relid = to_regclass(${schema}::text || '.' || wanted.name)
        where datname = current_database()`;
      if (!isOver()) for (const build of builds) show(build);
    }
  };
  const looking = look().catch(() => {});
  return async () => {
    end.abort();
    await looking;
    await session.end(5);
  };
}
