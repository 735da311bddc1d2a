import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ISql } from 'postgres';
import { type BuildWatch, watchBuilds } from './build-watch.js';
import type { ConnectionOptions, Sql } from './database.js';
import { openLastingSession } from './driver/session.js';
import { lockKey } from './schema-name.js';
import { sessionFailure } from './unreachable.js';

/** What a migration builds after its transaction, so that writers do not wait for it. */
interface Online {
  /** Each index by its name: table, columns and condition. They are built with `create index concurrently`. */
  indexes?: Record<string, string>;
  /** The table of each check, by the name of the check. The transaction has added them as `not valid`. */
  checks?: Record<string, string>;
}

/** What is still to be built or validated. */
interface Pending {
  indexes: { name: string; definition: string; is_broken: boolean }[];
  checks: { name: string; table: string }[];
}

/**
 * The key of the advisory lock that a process holds while it builds. Other processes try it again and again, instead of
 * waiting for it: a waiting statement holds a snapshot, and the build of an index waits for the end of all snapshots. No
 * other lock has this key, so that the sweeps of queues go on during a long build.
 */
const LOCK = 7_311_908_223;
const PAUSE_MS = 100;

/** Reads what the migrations build after their transaction. */
export async function readOnline(folder: string, names: string[]): Promise<Required<Online>> {
  const all: Required<Online> = { indexes: {}, checks: {} };
  for (const name of names) {
    const { online = {} }: { online?: Online } = await import(pathToFileURL(join(folder, name)).href);
    Object.assign(all.indexes, online.indexes);
    Object.assign(all.checks, online.checks);
  }
  return all;
}

/**
 * Finds what is missing. The catalog is the only record of it, so nothing has to be cleaned up after a process that was
 * killed: the catalog shows its unfinished index as invalid.
 *
 * @param schema the schema of the tables, quoted if necessary
 */
export async function findPending(sql: ISql, schema: string, wanted: Required<Online>): Promise<Pending> {
  const found = await sql<{ name: string; is_valid: boolean }[]>`
    select wanted.name, indisvalid as is_valid
    from unnest(${Object.keys(wanted.indexes)}::text[]) as wanted (name)
    join pg_index on indexrelid = to_regclass(${schema}::text || '.' || wanted.name)`;
  const valid = new Map(found.map(({ name, is_valid }) => [name, is_valid]));
  const unchecked = await sql<{ name: string }[]>`
    select conname::text as name
    from pg_constraint
    where conname::text = any(${Object.keys(wanted.checks)}::text[])
      and connamespace = to_regnamespace(${schema}::text)
      and not convalidated
    order by conname`;
  return {
    indexes: Object.entries(wanted.indexes)
      .filter(([name]) => !valid.get(name))
      .map(([name, definition]) => ({ name, definition, is_broken: valid.has(name) })),
    checks: unchecked.map(({ name }) => ({ name, table: wanted.checks[name] ?? '' })),
  };
}

/** Finishes what is missing, one process at a time: the others wait, and then find nothing to do. */
export async function finishOnline(
  connection: ConnectionOptions,
  schema: string,
  wanted: Required<Online>,
  watch?: BuildWatch,
): Promise<void> {
  const endWatch = watch && watchBuilds(connection, schema, Object.keys(wanted.indexes), watch);
  const session = openLastingSession(connection);
  const { sql } = session;
  try {
    await sql`
      select
        set_config('search_path', ${schema}, false),
        (select count(set_config(name, '0', false)) from pg_settings where name = 'transaction_timeout')`;
    while (!(await tryLock(sql))) await sleep(PAUSE_MS);
    const { indexes, checks } = await findPending(sql, schema, wanted);
    for (const { name, definition, is_broken } of indexes) {
      if (is_broken) await sql`drop index concurrently ${sql(name)}`;
      await sql.unsafe(`create index concurrently ${name} on ${definition}`);
    }
    for (const { name, table } of checks)
      await sql`alter table ${sql(table)} validate constraint ${sql(name)}`;
  } catch (error) {
    throw sessionFailure(error, session, connection);
  } finally {
    await endWatch?.();
    // The end of the session releases the lock.
    await session.end(5);
  }
}

async function tryLock(sql: Sql): Promise<boolean> {
  const [row] = await sql<
    { locked: boolean }[]
  >`select pg_try_advisory_lock(${lockKey(sql, LOCK)}) as locked`;
  return row?.locked === true;
}
