import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { connectionOptions } from '../src/database/connection.js';
import type { Sql } from '../src/database/database.js';
import { MigrationError, migrateDown, migrateUp } from '../src/database/migrate.js';
import { createDatabase } from './support/database.js';
import { startTestService, type TestService } from './support/service.js';
import { until } from './support/until.js';

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

/** A database of the version before 00003, with what `rows` writes into it, brought up to date. */
async function upgraded(rows: (sql: Sql) => Promise<unknown>) {
  const database = await createDatabase({ empty: true });
  const connection = connectionOptions({ url: database.url, statementTimeoutSeconds: 0 });
  await migrateUp(connection);
  for (let name = known.at(-1) ?? ''; name >= '00003'; name = known[known.indexOf(name) - 1] ?? '') {
    await migrateDown(connection, false);
  }
  await rows(database.sql);
  await migrateUp(connection);
  return { ...database, service: await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' }, database) };
}

test('an upgrade brings what raw SQL wrote too high or too low into its bounds, and the sweeps go on', async () => {
  const { sql, service } = await upgraded(async (old) => {
    for (const row of [
      { max_attempts: 2 ** 31 - 1 },
      { claims: 2 ** 31 - 1, attempts: 2 ** 31 - 1, lease_seconds: -1 },
      { attempts: -5, lease_seconds: 2 ** 31 - 1, queued_at: 'infinity' },
      { state: 'scheduled', run_at: '-infinity' },
      { state: 'scheduled', run_at: '20000-01-01' },
      { state: 'running', worker_id: 'w', lease_expires_at: '-infinity', max_attempts: 2 ** 31 - 1 },
      { state: 'running', worker_id: 'w', lease_expires_at: 'infinity' },
    ]) {
      await old`insert into jobs ${old({ queue: 'old', job: '1', ...row })}`;
    }
    await old`
      insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
      values (gen_random_uuid(), 'old', '1', 0, '-infinity', 0, ${2 ** 31 - 1}, -1)`;
  });
  await until(async () => (await sql`select from jobs where attempts = 1`).length === 1);
  const rows = await sql<{ max: number; claims: number }[]>`
    select max(max_attempts) as max, max(claims) as claims from jobs`;
  assert.deepEqual({ ...rows[0] }, { max: 1000, claims: 999_999_999 });
  assert.deepEqual((await service.ask('POST', '/queues/old/redrive')).json, { redriven: 1, skipped: 0 });
  await until(async () => (await sql`select from jobs where state = 'ready'`).length === 6);
  const { json } = await service.ask('POST', '/queues/old/pop', { worker_id: 'v', max: 10 });
  assert.equal(json.jobs.length, 6);
  const leases = json.jobs.map(({ lease }: { lease: string }) => lease);
  assert.equal((await service.ask('POST', '/leases/complete', { leases })).json.results.length, 6);
});

test('an upgrade leaves the leases of the version before valid, and gives jobs that were running no other', async () => {
  const id = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77';
  const { service } = await upgraded(
    (old) => old`
      insert into jobs (id, queue, job, state, claims, worker_id, lease_expires_at)
      values (${id}, 'old', '1', 'running', 3, 'w', now() + interval '1 h')`,
  );
  assert.equal((await service.ask('POST', `/leases/${id}.2/heartbeat`)).status, 409);
  assert.equal((await service.ask('POST', `/leases/${id}.3/heartbeat`)).status, 200);
  assert.equal((await service.ask('POST', `/leases/${id}.3.1/complete`)).status, 409);
  assert.equal((await service.ask('POST', `/leases/${id}.3/complete`)).status, 204);
});

test('while replicas of the version before run, leases are issued as they take them', async () => {
  let end = async (): Promise<void> => {};
  const rolling = await upgraded(async (old) => {
    const { unlisten } = await old.listen('pict_repo_jobs', () => {});
    end = unlisten;
  });
  await end();
  const leaseFrom = async (service: TestService): Promise<string> => {
    await service.ask('POST', '/queues/q/jobs', { job: 1 });
    return (await service.ask('POST', '/queues/q/pop', { worker_id: 'w' })).json.jobs[0].lease;
  };
  const lease = await leaseFrom(rolling.service);
  assert.match(lease, /^[0-9a-f-]{36}\.1$/);
  assert.equal((await rolling.service.ask('POST', `/leases/${lease}/complete`)).status, 204);
  await rolling.sql`update lease_tokens set begin_at = now()`;
  const later = await startTestService({}, rolling);
  assert.match(await leaseFrom(later), /^[0-9a-f-]{36}\.1\.\d+$/);

  const alone = await upgraded(async () => {});
  assert.match(await leaseFrom(alone.service), /^[0-9a-f-]{36}\.1\.\d+$/);
});
