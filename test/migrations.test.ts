import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { connectionOptions } from '../src/database/connection.js';
import type { Sql } from '../src/database/database.js';
import { MigrationError, migrateDown, migrateUp } from '../src/database/migrate.js';
import { createDatabase } from './support/database.js';

const files = await readdir(new URL('../../migrations', import.meta.url));
const known = files.filter((name) => name.endsWith('.js')).sort();

async function createEmpty() {
  const { url, sql } = await createDatabase({ empty: true });
  return { sql, connection: connectionOptions({ url, statementTimeoutSeconds: 0 }) };
}

/** Everything that migrations may make, as text. */
async function schemaOf(sql: Sql): Promise<Record<string, string[]>> {
  const parts = {
    columns: sql<{ line: string }[]>`
      select concat_ws(' ', attrelid::regclass, row_number() over (partition by attrelid order by attnum), attname, format_type(atttypid, atttypmod), attnotnull,
        attidentity, attgenerated, attcollation::regcollation, pg_get_expr(adbin, adrelid)) as line
      from pg_attribute
      join pg_class on pg_class.oid = attrelid
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where relnamespace = 'public'::regnamespace
        and relname <> 'migrations'
        and relkind in ('r', 'p', 'v', 'm')
        and attnum > 0
        and not attisdropped`,
    relations: sql<{ line: string }[]>`
      select concat_ws(' ', relname, relkind, relpersistence, reloptions, obj_description(oid)) as line
      from pg_class
      where relnamespace = 'public'::regnamespace and relname not like 'migrations%'`,
    indexes: sql<{ line: string }[]>`
      select indexdef as line from pg_indexes where schemaname = 'public' and tablename <> 'migrations'`,
    constraints: sql<{ line: string }[]>`
      select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
      from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid <> 'migrations'::regclass`,
    functions: sql<{ line: string }[]>`
      select pg_get_functiondef(oid) as line from pg_proc where pronamespace = 'public'::regnamespace`,
    triggers: sql<{ line: string }[]>`
      select pg_get_triggerdef(oid) as line from pg_trigger where not tgisinternal`,
    types: sql<{ line: string }[]>`
      select concat_ws(' ', typname, typtype) as line
      from pg_type
      where typnamespace = 'public'::regnamespace and typname not like '%migrations'`,
  };
  const read = async ([part, query]: [string, PromiseLike<{ line: string }[]>]) =>
    [part, (await query).map(({ line }) => line).sort()] as const;
  return Object.fromEntries(await Promise.all(Object.entries(parts).map(read)));
}

test('five processes that migrate an empty database at once all succeed', async () => {
  const { sql, connection } = await createEmpty();
  const applied = await Promise.all(Array.from({ length: 5 }, () => migrateUp(connection)));
  const rows = await sql<{ name: string }[]>`select name from migrations order by name`;
  assert.deepEqual(
    rows.map(({ name }) => name),
    known,
  );
  assert.deepEqual(
    applied.filter((names) => names.length > 0),
    [known],
  );
});

test('all down and up again gives the same schema, and all down leaves nothing', async () => {
  const { sql, connection } = await createEmpty();
  const applied = await migrateUp(connection);
  const before = await schemaOf(sql);
  assert.ok(
    before['columns']?.some((line) => line.startsWith('hashes 1 hash bytea')),
    'the schema is read',
  );
  assert.deepEqual(await migrateDown(connection, true), applied.toReversed());
  for (const [part, lines] of Object.entries(await schemaOf(sql))) assert.deepEqual(lines, [], part);
  assert.deepEqual(await migrateUp(connection), applied);
  assert.deepEqual(await schemaOf(sql), before);
});

test('each migration goes down and up again by itself', async () => {
  const { sql, connection } = await createEmpty();
  const applied = await migrateUp(connection);
  const before = await schemaOf(sql);
  for (let depth = 1; depth <= applied.length; depth++) {
    for (let undone = 0; undone < depth; undone++)
      assert.equal((await migrateDown(connection, false)).length, 1);
    assert.deepEqual(await migrateUp(connection), applied.slice(-depth));
    assert.deepEqual(await schemaOf(sql), before);
  }
});

test('a migration that fails leaves the database as it was', async () => {
  const { sql, connection } = await createEmpty();
  // In the way of the last migration, so that those before it have been applied when it fails.
  await sql`create table paused_queues ()`;
  await assert.rejects(migrateUp(connection), /paused_queues/);
  assert.deepEqual((await schemaOf(sql))['columns'], []);
  await sql`drop table paused_queues`;
  assert.deepEqual(await migrateUp(connection), known);
});

test('a database newer than the program is refused by both versions, up and down', async () => {
  const { sql, connection } = await createEmpty();
  await migrateUp(connection);
  await sql`insert into migrations (name, created_at) values ('99999-future.js', now())`;
  for (const attempt of [() => migrateUp(connection), () => migrateDown(connection, true)]) {
    await assert.rejects(attempt, (error: Error) => {
      assert.ok(error instanceof MigrationError);
      assert.match(error.message, /99999-future\.js/);
      assert.ok(error.message.includes(known.at(-1) ?? ''), error.message);
      return true;
    });
  }
  assert.ok((await schemaOf(sql))['columns']?.length);
});

test('a database that is not in UTF-8 is refused', async () => {
  const { sql, connection } = await createEmpty();
  const name = `${String(connection.database)}_latin1`;
  await sql`create database ${sql(name)} encoding 'LATIN1' locale 'C' template template0`;
  try {
    await assert.rejects(migrateUp({ ...connection, database: name }), /must be in UTF8, and is in LATIN1/);
  } finally {
    await sql`drop database ${sql(name)} with (force)`;
  }
});
