import { readdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ley from 'ley';
import type { BuildWatch } from './build-watch.js';
import type { ConnectionOptions, Sql } from './database.js';
import { longTransaction } from './long-transaction.js';
import { findPending, finishOnline, readOnline } from './online.js';
import { assertComplete, ensureSchema, findInstallation, MigrationError } from './ownership.js';
import { lockKey } from './schema-name.js';

export const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** The advisory lock of the process that migrates. Any number would do. */
const LOCK = 7_311_908_224;

/**
 * Brings the schema up to date, one process at a time: the others wait, and then find nothing to do. What a migration
 * makes after its transaction (online.ts) is finished too, even if another process was killed in the middle of it.
 *
 * @param watch is shown how far the builds of indexes are
 * @returns the names of the migrations that were applied now, and the schema of the tables as a value of search_path
 * @throws MigrationError for a database of another program, newer than this one, incomplete, or not in UTF-8
 */
export async function bringUpToDate(
  connection: ConnectionOptions,
  watch?: BuildWatch,
): Promise<{ applied: string[]; schema: string }> {
  const wanted = await readOnline(MIGRATIONS, await knownMigrations());
  const { names, schema, isFinished } = await inTransaction(
    connection,
    async (sql, { schema, applied }) => {
      const names = await ley.up(leyOptions(sql, applied));
      await assertComplete(sql, schema);
      const { indexes, checks } = await findPending(sql, schema, wanted);
      return { names, schema, isFinished: indexes.length + checks.length === 0 };
    },
    { creates: true },
  );
  if (!isFinished) await finishOnline(connection, schema, wanted, watch);
  return { applied: names, schema };
}

/** As bringUpToDate, and returns the names of the applied migrations. */
export async function migrateUp(connection: ConnectionOptions, watch?: BuildWatch): Promise<string[]> {
  return (await bringUpToDate(connection, watch)).applied;
}

/** Reverts the newest migration, or all, with their data. Returns the names of the reverted migrations. */
export function migrateDown(connection: ConnectionOptions, all: boolean): Promise<string[]> {
  return inTransaction(
    connection,
    async (sql, { applied }) => await ley.down({ ...leyOptions(sql, applied), all }),
  );
}

/**
 * Runs a task while nobody else migrates the database, which must be one that this program knows. Checks and changes
 * are one transaction, so that a refusal or a failure changes nothing.
 *
 * @param creates whether a configured schema is created if it is missing
 */
export async function inTransaction<T>(
  connection: ConnectionOptions,
  task: (sql: Sql, installation: { schema: string; applied: string[] }) => Promise<T>,
  { creates = false } = {},
): Promise<T> {
  return await longTransaction(connection, 'isolation level read committed', async (sql) => {
    await sql`select pg_advisory_xact_lock(${lockKey(sql, LOCK, connection.schema)})`;
    await checkServer(sql);
    const names = await knownMigrations();
    if (creates && connection.schema !== undefined) await ensureSchema(sql, connection.schema);
    const { schema, applied = [] } = await findInstallation(sql, names[0] ?? '', connection.schema);
    checkVersion(applied, names);
    await sql`select set_config('search_path', ${schema}, true)`;
    return await task(sql, { schema, applied });
  });
}

/** Makes ley run its files in our transaction. Its own driver would open a connection, and not choose the schema. */
function leyOptions(sql: Sql, applied: string[]) {
  return {
    dir: '.',
    cwd: MIGRATIONS,
    config: {},
    driver: {
      connect: <Client>(): Client => sql as Client,
      setup: async () => applied.map((name) => ({ name })),
      loop: (_client: unknown, files: { abs: string; name: string }[], method: 'up' | 'down') =>
        run(sql, files, method),
      end: () => {},
    },
  };
}

async function run(sql: Sql, files: { abs: string; name: string }[], method: 'up' | 'down'): Promise<void> {
  await sql`
    create table if not exists migrations (
      id serial primary key,
      name varchar(255) not null,
      created_at timestamp not null
    )`;
  for (const { abs, name } of files) {
    const migration: Record<typeof method, (sql: Sql) => Promise<void>> = await import(
      pathToFileURL(abs).href
    );
    await migration[method](sql);
    if (method === 'up') await sql`insert into migrations (name, created_at) values (${name}, now())`;
    else await sql`delete from migrations where name = ${name}`;
  }
}

async function checkServer(sql: Sql): Promise<void> {
  const [server] = await sql<{ encoding: string; version: number; role: string }[]>`
    select
      current_setting('server_encoding') as encoding,
      current_setting('session_replication_role') as role,
      current_setting('server_version_num')::integer as version`;
  if (server?.encoding !== 'UTF8') {
    throw new MigrationError(`The database must be in UTF8, and is in ${server?.encoding}.`);
  }
  if (server.version < 130_000) {
    throw new MigrationError('PostgreSQL 13 or newer is needed.');
  }
  // Only a superuser can set it, for a role or a database. A session may not change it.
  if (server.role === 'replica') {
    throw new MigrationError(
      'session_replication_role is replica for the role or the database, so that PostgreSQL checks no foreign key ' +
        'and runs no trigger. Reset it.',
    );
  }
}

function checkVersion(applied: string[], names: string[]): void {
  const unknown = applied.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new MigrationError(
    `The database is newer than this program: it is at ${unknown.at(-1)}, the program knows ` +
      `${names.at(-1)}. Start a newer version of pict-repo.`,
  );
}

/** The names of the program's migrations, in their order. */
export async function knownMigrations(): Promise<string[]> {
  return (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.js')).sort();
}
