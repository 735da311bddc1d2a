import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConnectionOptions, Sql } from './database.js';
import { inTransaction, MIGRATIONS } from './migrate.js';

export interface DownPreview {
  /** The migrations that would be taken back, in that order. */
  migrations: string[];
  /** The tables that their down() names, with the rows that these hold now. */
  tables: { name: string; rows: number }[];
}

/** Tells what would be lost if the newest migration, or all, were taken back. Changes nothing. */
export function previewDown(connection: ConnectionOptions, all: boolean): Promise<DownPreview> {
  return inTransaction(connection, async (sql, { applied }) => {
    const newestFirst = applied.toReversed();
    const migrations = all ? newestFirst : newestFirst.slice(0, 1);
    return { migrations, tables: await tablesOf(sql, migrations) };
  });
}

async function tablesOf(sql: Sql, migrations: string[]): Promise<DownPreview['tables']> {
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
    const [count] = await sql<{ rows: number }[]>`select count(*) as rows from ${sql(name)}`;
    tables.push({ name, rows: count?.rows ?? 0 });
  }
  return tables;
}
