import type { PendingQuery, Row } from 'postgres';
import { connectionOptions } from '../../database/connection.js';
import type { Sql } from '../../database/database.js';
import { UnreachableError } from '../../database/unreachable.js';
import { TransferError } from '../error.js';
import { inSnapshot } from '../snapshot.js';

/** How many rows are read at once and written by one statement. */
export const BATCH_ROWS = 2000;

/** The database of a pict-rs, in one snapshot. */
export interface Source {
  sql: Sql;
  /** Whether a table has a column. Older versions lack some. */
  has(table: string, column: string): boolean;
}

/** A part of a statement of the source. */
export type SourceQuery<R extends Row> = PendingQuery<R[]>;

/**
 * Reads the database of a pict-rs 0.5 in one read-only snapshot.
 *
 * @throws TransferError if it is not such a database
 */
export async function readSource<T>(
  { url, passwordFile }: { url: string; passwordFile: string | undefined },
  task: (source: Source) => Promise<T>,
  onOpen: (close: () => Promise<void>) => void,
): Promise<T> {
  let connection: ReturnType<typeof connectionOptions>;
  try {
    connection = connectionOptions({ url, passwordFile, statementTimeoutSeconds: 0 });
  } catch (error) {
    throw new TransferError(
      `The address of pict-rs's database ${error instanceof Error ? error.message : error}.`,
    );
  }
  try {
    return await inSnapshot(connection, async (sql) => task(await describeSource(sql)), onOpen);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    throw new TransferError(
      error.message.replace('pict-repo cannot start: the database', "pict-rs's database"),
    );
  }
}

async function describeSource(sql: Sql): Promise<Source> {
  const columns = await sql<{ name: string }[]>`
    select attrelid::regclass::text || '.' || attname as name
    from pg_attribute
    where attrelid = any(array(
        select to_regclass(name)
        from unnest(${TABLES}::text[]) as asked (name)
      ))
      and attnum > 0
      and not attisdropped`;
  const known = new Set(columns.map(({ name }) => name));
  const has = (table: string, column: string): boolean => known.has(`${table}.${column}`);
  const isPictRs =
    has('refinery_schema_history', 'version') && has('hashes', 'identifier') && has('aliases', 'token');
  if (!isPictRs) {
    throw new TransferError(
      'This is not the database of a pict-rs 0.5 on PostgreSQL: it lacks refinery_schema_history, hashes or aliases. ' +
        'A pict-rs that keeps its data in sled is first moved to PostgreSQL by its own command migrate-repo.',
    );
  }
  return { sql, has };
}

const TABLES = [
  'refinery_schema_history',
  'hashes',
  'variants',
  'aliases',
  'settings',
  'details',
  'job_queue',
  'store_migrations',
  'proxies',
  'uploads',
];

/** A time of the source as text; null if it is infinite. */
export function utc(sql: Sql, column: string) {
  return sql`
    case when isfinite(${sql(column)}) then to_char(${sql(column)}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end`;
}
