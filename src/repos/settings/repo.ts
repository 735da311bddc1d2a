import type { Database } from '../../database/database.js';
import { notFound } from '../../problems.js';

/** SettingsRepo of pict-rs: server-wide values by key. */
export function settingsRepo(db: Database) {
  return {
    /** The last write wins. */
    async set(key: string, value: Buffer): Promise<void> {
      await db.run(
        (sql) => sql`
          insert into settings (key, value)
          values (${key}, ${value})
          on conflict (key) do update
            set value = excluded.value
            where settings.value <> excluded.value`,
      );
    },

    async get(key: string): Promise<Buffer> {
      const [row] = await db.run(
        (sql) => sql<{ value: Buffer }[]>`select value from settings where key = ${key}`,
      );
      if (!row) throw notFound('setting_not_found', `There is no setting "${key}".`);
      return row.value;
    },

    async remove(key: string): Promise<void> {
      await db.run((sql) => sql`delete from settings where key = ${key}`);
    },
  };
}

export type SettingsRepo = ReturnType<typeof settingsRepo>;
