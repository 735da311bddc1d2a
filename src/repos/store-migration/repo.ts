import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import type { Enqueuer } from '../enqueue.js';
import { type Chunk, keysetStream, type Range } from '../keyset.js';
import { removerOf } from '../media/remover.js';
import { scannedPages } from '../scanned-pages.js';
import { MOVE_CONFLICTS, moveStatement } from './move.js';
import { markingStatement, moveCounts } from './progress.js';
import { refusalOf } from './refusals.js';
import { unmigratedStatement } from './unmigrated.js';

export interface Move {
  identifier: string;
  new_identifier: string;
  enqueue?: string | undefined;
}

/** MigrationRepo of pict-rs: the files that were moved to another store. It is cleared when the whole move is done. */
export function storeMigrationRepo(db: Database, enqueuer: Enqueuer) {
  const remover = removerOf(db, enqueuer);
  const readCounts = moveCounts(db);
  const readMigrated = gatheredRead(
    db,
    (sql, identifiers: string[]) => sql<{ migrated: boolean }[]>`
      select coalesce(
        (select true from store_migrations where old_identifier = asked.identifier),
        (select true from store_migrations where new_identifier = asked.identifier limit 1),
        false
      ) as migrated
      from unnest(${identifiers}::text[]) with ordinality as asked (identifier, n)
      order by n`,
    { sizeOf: (identifier) => identifier.length },
  );

  return {
    async isContinuingMigration() {
      const [[marking], counts] = await Promise.all([db.run(markingStatement), readCounts()]);
      if (!marking) throw new Error('Whether there are marks is one row.');
      return { ...marking, ...counts };
    },

    /** Marks a file as moved. Without a new identifier, an existing mark keeps the one that it has. */
    async markMigrated(identifier: string, newIdentifier: string | undefined): Promise<void> {
      await db.run(
        (sql) => sql`
          insert into store_migrations (old_identifier, new_identifier)
          values (${identifier}, ${newIdentifier ?? null})
          on conflict (old_identifier) do update
            set new_identifier = excluded.new_identifier, marked_at = excluded.marked_at
            where excluded.new_identifier is distinct from store_migrations.new_identifier
              and excluded.new_identifier is not null`,
      );
    },

    /** True for old and new identifiers, because a move that is resumed meets both. */
    isMigrated: (identifier: string): Promise<{ migrated: boolean }> => readMigrated(identifier),

    /** Streams the files of contents that have no mark, in the order of their bytes. */
    unmigrated(range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(scannedPages(db, unmigratedStatement), range);
    },

    /**
     * Gives the owner of a file its copy in the other store, with the details, and marks the file. It can be sent
     * again.
     */
    async move({ identifier, new_identifier: to, enqueue }: Move) {
      const [row] = await db.run(
        (sql) => moveStatement(sql, identifier, to, remover.optionsFor(sql, { enqueue })),
        { conflicts: MOVE_CONFLICTS, retryIf: ([row]) => row?.outcome === null },
      );
      if (!row) throw new Error('A move returns one row.');
      remover.pushed({ enqueue }, row.condemned);
      const { outcome, removed, unneeded } = row;
      if (outcome !== 'moved' && outcome !== 'again' && outcome !== 'gone')
        throw refusalOf(identifier, to, row);
      return { moved: outcome !== 'gone', removed: { identifiers: removed }, unneeded };
    },

    async clear(): Promise<void> {
      await db.run((sql) => sql`delete from store_migrations`);
    },
  };
}

export type StoreMigrationRepo = ReturnType<typeof storeMigrationRepo>;
