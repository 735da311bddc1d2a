import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { notFound } from '../../problems.js';

/** SettingsRepo of pict-rs: server-wide values by key. */
export function settingsRepo(db: Database) {
  const readValue = gatheredRead(
    db,
    (sql, keys: string[], maxBytes) => sql<{ is_too_large: boolean | null; value: Buffer | null }[]>`
      select is_too_large, value
      from unnest(${keys}::text[]) with ordinality as asked (key, n)
      left join lateral (
        select
          octet_length(value) > ${maxBytes} as is_too_large,
          case when octet_length(value) <= ${maxBytes} then value end as value
        from settings
        where settings.key = asked.key
        limit 1
      ) as stored on true
      order by n`,
    { isTooLarge: (row) => row.is_too_large === true },
  );

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
      const { value } = await readValue(key);
      if (value === null) throw notFound('setting_not_found', `There is no setting "${key}".`);
      return value;
    },

    async remove(key: string): Promise<void> {
      await db.run((sql) => sql`delete from settings where key = ${key}`);
    },
  };
}

export type SettingsRepo = ReturnType<typeof settingsRepo>;
