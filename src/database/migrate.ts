import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ley from 'ley';
import postgres from 'postgres';
import type { ConnectionOptions } from './database.js';

export const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** Any number: whoever migrates a pict-repo database takes this advisory lock. */
const LOCK = 7_311_908_224;

/** Why the database cannot be used as it is; the message is for the operator. */
export class MigrationError extends Error {}

/**
 * Brings the schema up to date, one process at a time: the others wait, and then find nothing to do.
 *
 * @returns the names of the migrations that were applied now
 * @throws MigrationError for a database newer than this program, or one that is not in UTF-8
 */
export function migrateUp(connection: ConnectionOptions): Promise<string[]> {
  return alone(connection, async (options) => await ley.up(options));
}

/** Takes back the newest migration, or all; what they held is gone. Returns the names of those undone. */
export function migrateDown(connection: ConnectionOptions, all: boolean): Promise<string[]> {
  return alone(connection, async (options) => await ley.down({ ...options, all }));
}

/** Runs a task while nobody else migrates the database, which must be one that this program knows. */
export async function alone<T>(
  connection: ConnectionOptions,
  task: (options: {
    dir: string;
    cwd: string;
    driver: 'postgres';
    config: Record<string, unknown>;
  }) => Promise<T>,
): Promise<T> {
  // The lock belongs to this connection's session: a process that dies gives it back.
  const sql = postgres({ ...connection, max: 1, idle_timeout: 0, max_lifetime: null });
  try {
    await sql`select pg_advisory_lock(${LOCK})`;
    await checkServer(sql);
    return await task({
      dir: '.',
      cwd: MIGRATIONS,
      driver: 'postgres',
      config: { ...connection },
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function checkServer(sql: postgres.Sql): Promise<void> {
  const [server] = await sql<{ encoding: string; version: number; bookkeeping: boolean }[]>`
    select
      current_setting('server_encoding') as encoding,
      current_setting('server_version_num')::int as version,
      to_regclass('migrations') is not null as bookkeeping`;
  if (server?.encoding !== 'UTF8') {
    throw new MigrationError(`The database must be in UTF8, and is in ${server?.encoding}.`);
  }
  if (server.version < 130_000) {
    throw new MigrationError('PostgreSQL 13 or newer is needed.');
  }
  if (!server.bookkeeping) return;

  const applied = await sql<{ name: string }[]>`select name from migrations order by name`;
  const names = await knownMigrations();
  const unknown = applied.map(({ name }) => name).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new MigrationError(
      `The database is newer than this program: it is at ${unknown.at(-1)}, the program knows ` +
        `${names.at(-1)}. Start a newer version of pict-repo.`,
    );
  }
}

/** The names of the migrations that this program brings, in their order. */
export async function knownMigrations(): Promise<string[]> {
  return (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.js')).sort();
}
