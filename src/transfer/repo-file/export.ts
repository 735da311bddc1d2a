import type { ConnectionOptions, Sql } from '../../database/database.js';
import { inTransaction } from '../../database/migrate.js';
import { withSettings } from '../../database/settings.js';
import { version } from '../../version.js';
import { TransferError } from '../error.js';
import { requireAllFiles } from '../file-state.js';
import { type Output, Progress } from '../progress.js';
import { inSnapshot } from '../snapshot.js';
import { FORMAT, type Header } from './format.js';
import { writeLines } from './streams.js';
import { exportedValue, readColumns, TABLES } from './tables.js';

/** How many rows are read at once. */
const BATCH_ROWS = 2000;
const BATCH_LARGE_ROWS = 100;

interface ExportOptions {
  /** Undefined for standard output. */
  file: string | undefined;
  /** Where progress is shown. */
  output: Output;
  onOpen: (close: () => Promise<void>) => void;
}

/**
 * Writes the whole database as lines of JSON, from one snapshot. The same data gives the same bytes.
 *
 * @returns the number of rows
 */
export async function exportRepo(
  connection: ConnectionOptions,
  { file, output, onOpen }: ExportOptions,
): Promise<number> {
  const { schema, applied } = await inTransaction(connection, async (_sql, installation) => installation);
  const newest = applied.at(-1);
  if (newest === undefined)
    throw new TransferError('The database has no tables: there is nothing to export.');
  let total = 0;
  await inSnapshot(
    withSettings(connection, { search_path: schema }),
    async (sql) => {
      await requireAllFiles(sql, 'export');
      const header = await describe(sql, newest);
      total = Object.values(header.rows).reduce((sum, count) => sum + count, 0);
      const progress = new Progress(total, output);
      await writeLines(file, linesOf(sql, header, progress));
      progress.end();
    },
    onOpen,
  );
  return total;
}

async function describe(sql: Sql, schema: string): Promise<Header> {
  const columns = await readColumns(sql);
  const rows: Record<string, number> = {};
  for (const { name, where = 'true' } of TABLES) {
    if (!columns.has(name)) continue;
    const [row] = await sql<{ count: number }[]>`
      select count(*) as count from ${sql(name)} where ${sql.unsafe(where)}`;
    rows[name] = row?.count ?? 0;
  }
  const names = [...columns].map(([table, own]) => [table, own.map(({ name }) => name)]);
  return { pict_repo_export: FORMAT, version, schema, rows, columns: Object.fromEntries(names) };
}

async function* linesOf(sql: Sql, header: Header, progress: Progress): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  const columns = await readColumns(sql);
  const rows: Record<string, number> = {};
  for (const { name, key, where = 'true', isLarge } of TABLES) {
    const own = columns.get(name);
    if (!own) continue;
    progress.begin(name);
    rows[name] = 0;
    const values = own.map((column) => `${exportedValue(column)} as "${column.name}"`);
    const lines = sql<{ line: string }[]>`
      select ${`{"${name}":`}::text || json_strip_nulls(row_to_json(line))::text || '}' as line
      from ${sql(name)}
      cross join lateral (select ${sql.unsafe(values.join(', '))}) as line
      where ${sql.unsafe(where)}
      order by ${sql.unsafe(key.map((column) => `"${name}"."${column}"`).join(', '))}`;
    for await (const batch of lines.cursor(isLarge ? BATCH_LARGE_ROWS : BATCH_ROWS)) {
      rows[name] += batch.length;
      progress.advance(batch.length);
      yield `${batch.map(({ line }) => line).join('\n')}\n`;
    }
  }
  // The end line. A file without it is incomplete.
  yield `${JSON.stringify({ end: rows })}\n`;
}
