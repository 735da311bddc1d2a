import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';

/** MigrationRepo of pict-rs: which files were moved to another store. Cleared after the whole move. */
export function storeMigrationRepo(db: Database) {
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
    async isContinuingMigration(): Promise<{ continuing: boolean; migrated: number }> {
      const [row] = await db.run(
        (sql) => sql<{ migrated: number }[]>`select count(*) as migrated from store_migrations`,
      );
      const migrated = row?.migrated ?? 0;
      return { continuing: migrated > 0, migrated };
    },

    /** Marking a file again without a new identifier keeps the stored one. */
    async markMigrated(identifier: string, newIdentifier: string | undefined): Promise<void> {
      await db.run(
        (sql) => sql`
          insert into store_migrations (old_identifier, new_identifier)
          values (${identifier}, ${newIdentifier ?? null})
          on conflict (old_identifier) do update
            set new_identifier = excluded.new_identifier
            where excluded.new_identifier is distinct from store_migrations.new_identifier
              and excluded.new_identifier is not null`,
      );
    },

    /** True for old and new identifiers, because a resumed migration meets both. */
    isMigrated: (identifier: string): Promise<{ migrated: boolean }> => readMigrated(identifier),

    async clear(): Promise<void> {
      await db.run((sql) => sql`delete from store_migrations`);
    },
  };
}

export type StoreMigrationRepo = ReturnType<typeof storeMigrationRepo>;
