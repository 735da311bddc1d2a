import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres from 'postgres';
import type { ConnectionOptions, Sql } from './database.js';
import { alone, MIGRATIONS } from './migrate.js';

export interface Loss {
  /** Those that would be taken back, in that order. */
  migrations: string[];
  /** The tables that they name on their way down, with the rows that these hold now. */
  tables: { name: string; rows: number }[];
}

/** What would be lost if the newest migration, or all, were taken back. Changes nothing. */
export function lossOfDown(connection: ConnectionOptions, all: boolean): Promise<Loss> {
  return alone(connection, async () => {
    const sql = postgres({ ...connection, max: 1 });
    try {
      const applied = await appliedMigrations(sql);
      const migrations = all ? applied : applied.slice(0, 1);
      return { migrations, tables: await tablesOf(sql, migrations) };
    } finally {
      await sql.end({ timeout: 5 });
    }
  });
}

/** The newest first. */
async function appliedMigrations(sql: Sql): Promise<string[]> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('migrations') is not null as exists`;
  if (!table?.exists) return [];
  const rows = await sql<{ name: string }[]>`select name from migrations order by id desc`;
  return rows.map(({ name }) => name);
}

async function tablesOf(sql: Sql, migrations: string[]): Promise<Loss['tables']> {
  const words = new Set<string>();
  for (const name of migrations) {
    const { down }: { down?: unknown } = await import(pathToFileURL(join(MIGRATIONS, name)).href);
    for (const word of String(down).match(/\w+/g) ?? []) words.add(word);
  }
  const found = await sql<{ name: string }[]>`
    select relname as name
    from pg_class
    where relkind in ('r', 'p') and pg_table_is_visible(oid) and relname::text = any(${[...words]}::text[])
    order by relname`;
  const tables = [];
  for (const { name } of found) {
    const [count] = await sql<{ rows: string }[]>`select count(*) as rows from ${sql(name)}`;
    tables.push({ name, rows: Number(count?.rows) });
  }
  return tables;
}
