import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ISql } from 'postgres';
import { type BuildWatch, watchBuilds } from './build-watch.js';
import type { ConnectionOptions, Sql } from './database.js';
import { openSession } from './driver/session.js';
import { lockKey } from './schema-name.js';

/** What a migration makes after its transaction, without a lock that writers would wait for. */
interface Online {
  /** By name: table, columns and condition. They are built with `create index concurrently`. */
  indexes?: Record<string, string>;
  /** By name: the table. They were made `not valid` in the transaction. */
  checks?: Record<string, string>;
}

/** What is not finished yet. */
interface Pending {
  indexes: { name: string; definition: string; is_broken: boolean }[];
  checks: { name: string; table: string }[];
}

/**
 * The advisory lock of whoever finishes. It is asked for again and again, and never waited for: a statement that waits
 * has a snapshot, and the build of an index waits for the end of every snapshot. Any number would do that is no other
 * lock's: a build takes long, and the sweeps of queues go on meanwhile.
 */
const LOCK = 7_311_908_223;
const PAUSE_MS = 100;

/** Reads what the migrations want to be made after their transaction. */
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
 * Finds what is missing. The catalog is the only record of it, so a process that was killed leaves nothing to be
 * tidied: an index that it did not finish is there and not valid.
 *
 * @param schema of the tables, quoted where it has to be
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
  const session = openSession({ ...connection, idle_timeout: 0, max_lifetime: null }, () => {});
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
  } finally {
    await endWatch?.();
    // The lock goes with the session.
    await session.end(5);
  }
}

async function tryLock(sql: Sql): Promise<boolean> {
  const [row] = await sql<
    { locked: boolean }[]
  >`select pg_try_advisory_lock(${lockKey(sql, LOCK)}) as locked`;
  return row?.locked === true;
}
