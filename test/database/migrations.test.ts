import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { ConnectionOptions, Sql } from '../../src/database/database.js';
import { bringUpToDate, migrateDown, migrateUp } from '../../src/database/migrate.js';
import { MigrationError, TABLES } from '../../src/database/ownership.js';
import { withSettings } from '../../src/database/settings.js';
import { uuidv7 } from '../../src/uuid.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { startTestService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const MIGRATIONS = new URL('../../../migrations/', import.meta.url);
const known = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.js')).sort();

async function create({ empty }: { empty: boolean }) {
  const { url, sql } = await createDatabase({ empty });
  return { sql, connection: connectionOptions({ url, statementTimeoutSeconds: 0 }) };
}

const createEmpty = () => create({ empty: true });
/** All migrations have been applied. */
const createMigrated = () => create({ empty: false });

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
      where connamespace = 'public'::regnamespace and conrelid is distinct from to_regclass('migrations')`,
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

/** Takes the migrations from `first` on back, in one transaction. */
async function takeBack(sql: Sql, first: string): Promise<void> {
  await sql.begin(async (tx) => {
    for (const name of known.filter((one) => one >= first).toReversed()) {
      const { down }: { down: (tx: TransactionSql) => Promise<void> } = await import(
        new URL(name, MIGRATIONS).href
      );
      await down(tx);
      await tx`delete from migrations where name = ${name}`;
    }
  });
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
  const { sql, connection } = await createMigrated();
  const before = await schemaOf(sql);
  assert.ok(
    before['columns']?.some((line) => line.startsWith('hashes 1 hash bytea')),
    'the schema is read',
  );
  assert.deepEqual(await migrateDown(connection, true), known.toReversed());
  for (const [part, lines] of Object.entries(await schemaOf(sql))) assert.deepEqual(lines, [], part);
  assert.deepEqual(await migrateUp(connection), known);
  assert.deepEqual(await schemaOf(sql), before);
});

test('each migration goes down by itself, and up again with those after it', async () => {
  const { sql, connection } = await createMigrated();
  const before = await schemaOf(sql);
  const below: Record<string, string[]>[] = [];
  for (const name of known.toReversed()) {
    assert.deepEqual(await migrateDown(connection, false), [name]);
    below.push(await schemaOf(sql));
  }
  assert.deepEqual(await migrateUp(connection), known);
  assert.deepEqual(await schemaOf(sql), before);
  // From the last four, and from one in the middle. The time for all grows with the square of their number, and those
  // that are released never change.
  for (const [at, name] of known.toReversed().entries()) {
    if (at > 3 && at !== Math.ceil(known.length / 2)) continue;
    await takeBack(sql, name);
    assert.deepEqual(await schemaOf(sql), below[at], name);
    assert.deepEqual(await migrateUp(connection), known.slice(-at - 1));
    assert.deepEqual(await schemaOf(sql), before, name);
  }
});

test('a migration that fails leaves the database as it was', async () => {
  const { sql, connection } = await createEmpty();
  // An index of the last migration has this name, so that those before it have been applied when it fails.
  await sql`create sequence dead_jobs_queue`;
  await assert.rejects(migrateUp(connection), /dead_jobs_queue/);
  assert.deepEqual((await schemaOf(sql))['columns'], []);
  await sql`drop sequence dead_jobs_queue`;
  assert.deepEqual(await migrateUp(connection), known);
});

test('a database newer than the program is refused by both versions, up and down', async () => {
  const { sql, connection } = await createMigrated();
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

/** What is in the database, by schema, and its rows where it is the bookkeeping of somebody. */
async function namesOf(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relnamespace::regnamespace || '.' || relname as name
    from pg_class
    where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    order by 1`;
  return rows.map(({ name }) => name);
}

async function assertRefused(sql: Sql, connection: ConnectionOptions, said: RegExp): Promise<void> {
  const before = await namesOf(sql);
  for (const attempt of [() => migrateUp(connection), () => migrateDown(connection, true)]) {
    await assert.rejects(attempt, (error: Error) => {
      assert.ok(error instanceof MigrationError, String(error));
      assert.match(error.message, said);
      return true;
    });
  }
  assert.deepEqual(await namesOf(sql), before);
}

const others: Record<string, [string[], RegExp]> = {
  'TypeORM, which has a table migrations': [
    [
      'create table migrations (id serial, timestamp bigint, name varchar)',
      "insert into migrations values (1, 2, 'a')",
    ],
    /another program.*id, timestamp, name/,
  ],
  'Laravel, which has tables migrations and jobs': [
    [
      'create table migrations (id int, migration varchar, batch int)',
      'create table jobs (id bigint, payload text)',
    ],
    /another program.*id, migration, batch/,
  ],
  'another that uses ley': [
    [
      'create table migrations (id serial, name varchar(255), created_at timestamp)',
      "insert into migrations (name) values ('001-users.js')",
    ],
    /another program.*001-users\.js/,
  ],
  'another that uses ley, before its first migration, with a table of our name': [
    ['create table migrations (id serial, name text, created_at timestamp)', 'create table settings (n int)'],
    /another program.*settings/,
  ],
  'pict-rs': [
    [
      'create table hashes (hash bytea)',
      'create table variants (id int)',
      'create table refinery_schema_history ()',
    ],
    /another program.*hashes, variants/,
  ],
  'a view of our name': [['create view aliases as select 1 as n'], /another program.*aliases/],
};
for (const [program, [statements, said]] of Object.entries(others)) {
  test(`the database of another program is left alone: ${program}`, async () => {
    const { sql, connection } = await createEmpty();
    for (const statement of statements) await sql.unsafe(statement);
    await assertRefused(sql, connection, said);
  });
}

test('our tables without the table of migrations, and that table without ours, are refused by name', async () => {
  const { sql, connection } = await createMigrated();
  await sql`alter table migrations rename to elsewhere`;
  await assertRefused(sql, connection, /tables of pict-repo, but not the names of their migrations/);
  await sql`alter table elsewhere rename to migrations`;
  await sql`drop table paused_queues`;
  await assert.rejects(migrateUp(connection), /half-made.*paused_queues/);
});

test('our tables can be beside those of another program that have other names', async () => {
  const { sql, connection } = await createEmpty();
  await sql`create table users (id int)`;
  assert.deepEqual(await migrateUp(connection), known);
});

test('the tables are never created a second time if another schema has them', async () => {
  const { sql, connection } = await createMigrated();
  await sql`create schema app`;
  await sql`create table app.migrations (id serial, timestamp bigint, name varchar)`;
  const within = (search_path: string) => withSettings(connection, { search_path });
  const before = await namesOf(sql);
  // The first on the path that has ours.
  for (const path of ['app, public', 'nothing, public', 'nothing', '"$user", public']) {
    assert.deepEqual(await bringUpToDate(within(path)), { applied: [], schema: 'public' }, path);
  }
  await assertRefused(sql, within('app'), /in the schema public, and search_path leads to app/);
  assert.deepEqual(await namesOf(sql), before);
});

test('an empty database whose search_path leads to no schema is refused by name', async () => {
  const { sql, connection } = await createEmpty();
  await assertRefused(sql, withSettings(connection, { search_path: 'nothing' }), /leads to no schema/);
});

test('TABLES has all tables that the migrations create', async () => {
  const { sql } = await createDatabase();
  const rows = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by 1`;
  assert.deepEqual([...TABLES].sort(), rows.map(({ name }) => name).sort());
});

/** A database from before a migration, with what `rows` writes into it, brought up to date. */
async function upgraded(rows: (sql: Sql) => Promise<unknown>, before = '00003') {
  const database = await createDatabase();
  const connection = connectionOptions({ url: database.url, statementTimeoutSeconds: 0 });
  await takeBack(database.sql, before);
  await rows(database.sql);
  await migrateUp(connection);
  return { ...database, service: await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' }, database) };
}

const LEASED = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77';

/** One upgrade for several tests, each of which has a queue of its own. */
const shared = await upgraded(async (old) => {
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
  await old`
      insert into jobs (id, queue, job, state, claims, worker_id, lease_expires_at)
      values (${LEASED}, 'leased', '1', 'running', 3, 'w', now() + interval '1 h')`;
});

test('an upgrade brings values that raw SQL wrote out of bounds into bounds, and the sweeps go on', async () => {
  const { sql, service } = shared;
  await until(async () => (await sql`select from jobs where queue = 'old' and attempts = 1`).length === 1);
  const rows = await sql<{ max: number; claims: number }[]>`
    select max(max_attempts) as max, max(claims) as claims from jobs where queue = 'old'`;
  assert.deepEqual({ ...rows[0] }, { max: 1000, claims: 999_999_999 });
  assert.deepEqual((await service.ask('POST', '/queues/old/redrive')).json, { redriven: 1, skipped: 0 });
  await until(async () => (await sql`select from jobs where queue = 'old' and state = 'ready'`).length === 6);
  const { json } = await service.ask('POST', '/queues/old/pop', { worker_id: 'v', max: 10 });
  assert.equal(json.jobs.length, 6);
  const leases = json.jobs.map(({ lease }: { lease: string }) => lease);
  assert.equal((await service.ask('POST', '/leases/complete', { leases })).json.results.length, 6);
});

test('after an upgrade the leases of the version before are valid, and running jobs are not claimed again', async () => {
  const { service } = shared;
  assert.equal((await service.ask('POST', `/leases/${LEASED}.2/heartbeat`)).status, 409);
  assert.equal((await service.ask('POST', `/leases/${LEASED}.3/heartbeat`)).status, 200);
  assert.equal((await service.ask('POST', `/leases/${LEASED}.3.1/complete`)).status, 409);
  assert.equal((await service.ask('POST', `/leases/${LEASED}.3/complete`)).status, 204);
});

test('while replicas of the version before run, leases have the form that they accept', async () => {
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

  // No replica of the version before ran here.
  assert.match(await leaseFrom(shared.service), /^[0-9a-f-]{36}\.1\.\d+$/);
});

test('replicas of the version before are noticed also by migrations that have a role of their own', async () => {
  const outside = await createDatabase({ empty: true });
  const role = `migrator_${process.pid}`;
  await outside.sql`create role ${outside.sql(role)}`;
  atEnd(() => outside.sql`drop role ${outside.sql(role)}`);
  let end = async (): Promise<void> => {};
  const { sql } = await upgraded(async (old) => {
    const { unlisten } = await old.listen('pict_repo_jobs', () => {});
    end = unlisten;
    const tables = await old<{ name: string }[]>`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`;
    for (const { name } of tables) await old`alter table ${old(name)} owner to ${old(role)}`;
    await old`grant create on schema public to ${old(role)}`;
    const [{ database = '' } = {}] = await old`select current_database() as database`;
    await old`alter database ${old(database)} set role = ${old(role)}`;
  });
  await end();
  const rows = await sql`select from lease_tokens where begin_at > now()`;
  assert.equal(rows.length, 1);
});

test('an upgrade moves jobs whose queue no route can name to the dead jobs, with an error that says so', async () => {
  const names = ['a/b', 'a\nb', '..', 'ok'];
  const { sql, service } = await upgraded(async (old) => {
    for (const queue of names) {
      await old`insert into jobs ${old({ queue, job: JSON.stringify(queue), unique_key: 'k' })}`;
      await old`insert into paused_queues ${old({ queue })}`;
    }
    await old`insert into jobs (queue, job, unique_key) values ('a_b', '1', 'k')`;
    await old`
      insert into jobs (id, queue, job, state, worker_id, lease_expires_at, idempotency_key, claims, slot)
      values
        ('019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77', 'ok', '1', 'running', 'w/1', now() + interval '1 h', 'k', 1, 1),
        (gen_random_uuid(), 'ok', '1', 'running', 'w', now() + interval '1 h', ${'x'.repeat(300)}, 1, 1)`;
    for (const queue of ['', 'ü'.repeat(200), 'd/d', 'dead']) {
      const row = {
        id: uuidv7(),
        queue,
        job: '1',
        priority: 0,
        unique_key: 'x'.repeat(300),
        last_error: 'no such file',
      };
      await old`insert into dead_jobs ${old({ ...row, queued_at: '2026-01-01Z', attempts: 1, max_attempts: 1, claims: 1 })}`;
    }
    await old`insert into jobs (id, queue, job) select id, 'e/e', '1' from dead_jobs where queue = 'dead'`;
    await old`insert into job_ids values (gen_random_uuid(), 'a/b', 'x')`;
    await old`insert into hashes values ('\\xaa', 'i')`;
    await old`insert into aliases values ('of/old', '\\xaa', 't')`;
  }, '00004');
  const dead = await sql<{ queue: string; last_error: string }[]>`
    select queue, last_error from dead_jobs order by queue, last_error`;
  assert.deepEqual(
    dead.map(({ queue, last_error }) => [queue, last_error]),
    [
      ['_', 'The name of its queue is not valid: "". no such file'],
      ['_', 'The name of its queue is not valid: "..". '],
      ['a_b', 'The name of its queue is not valid: "a/b". '],
      ['a_b', 'The name of its queue is not valid: "a\\nb". '],
      ['d_d', 'The name of its queue is not valid: "d/d". no such file'],
      ['dead', 'no such file'],
      ['e_e', 'The name of its queue is not valid: "e/e". '],
      ['ü'.repeat(63), `The name of its queue is not valid: "${'ü'.repeat(200)}". no such file`],
    ],
  );
  const { queues } = (await service.ask('GET', '/queues')).json;
  for (const { queue } of queues) {
    const answer = await service.ask('POST', `/queues/${encodeURIComponent(queue)}/redrive`);
    assert.equal(answer.status, 200, queue);
  }
  assert.deepEqual([...(await sql`select queue from paused_queues`)], [{ queue: 'ok' }]);
  const lease = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1';
  assert.equal((await service.ask('POST', `/leases/${lease}/release`)).json.state, 'ready');
  assert.deepEqual([...(await sql`select alias from aliases`)], [{ alias: 'of/old' }]);
});

test('an upgrade gives jobs that were redriven their attempts again, and frees the keys of cancelled ones', async () => {
  const { service } = await upgraded(async (old) => {
    await old`insert into jobs (queue, job, claims, max_attempts) values ('old', '1', 35, 3)`;
    await old`
      insert into jobs (queue, job, state, worker_id, lease_expires_at, unique_key, cancel_requested)
      values ('old', '2', 'running', 'w', now() + interval '1 h', 'k', true)`;
  }, '00004');
  const [{ lease }] = (await service.ask('POST', '/queues/old/pop', { worker_id: 'w' })).json.jobs;
  assert.equal((await service.ask('POST', `/leases/${lease}/fail`)).json.state, 'scheduled');
  assert.equal((await service.ask('POST', '/queues/old/jobs', { job: 3, unique_key: 'k' })).status, 201);
});

test('an upgrade builds its indexes beside writers of the version before, and one that was killed is finished later', async () => {
  const { sql, connection } = await createMigrated();
  await takeBack(sql, '00007');
  await sql`insert into hashes (hash, identifier) values ('\\xaa', 'i')`;
  await sql`insert into aliases (alias, hash, delete_token) values ('old', '\\xaa', 't')`;

  const builds = new Set<string>();
  const watch = {
    everyMs: 10,
    show: ({ index, phase }: { index: string; phase: string }) => void builds.add(`${index}: ${phase}`),
  };
  const outcome = () =>
    migrateUp(connection, watch).then(
      () => 'finished',
      () => 'killed',
    );
  const indexes = () => sql<{ name: string; valid: boolean }[]>`
    select indexrelid::regclass::text as name, indisvalid as valid
    from pg_index
    where indexrelid in (to_regclass('aliases_owner'), to_regclass('aliases_expires_at'))`;
  let upgrade: Promise<string> | undefined;
  await sql.begin(async (writer) => {
    await sql.begin(async (builder) => {
      // The lock of whoever builds. It is asked for when the tables have been changed.
      await builder`select pg_advisory_xact_lock(7311908223)`;
      upgrade = outcome();
      await until(
        async () => (await sql`select from pg_constraint where conname = 'aliases_record'`).length > 0,
      );
      await writer`insert into aliases (alias, hash, delete_token) values ('open', '\\xaa', 't')`;
    });
    const building = () => sql<{ pid: number }[]>`
      select pid
      from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like 'create index concurrently%'`;
    await until(async () => (await building()).length > 0);
    await until(() =>
      [...builds].some((build) => /^aliases_\w+: waiting for writers before build$/.test(build)),
    );
    await sql`insert into aliases (alias, hash, delete_token) values ('beside', '\\xaa', 't')`;
    for (const { pid } of await building()) await sql`select pg_terminate_backend(${pid})`;
    assert.equal(await upgrade, 'killed');
  });
  assert.deepEqual(
    (await indexes()).map(({ valid }) => valid),
    [false],
  );
  assert.deepEqual(await Promise.all([outcome(), outcome()]), ['finished', 'finished']);
  assert.deepEqual(
    (await indexes()).map(({ valid }) => valid),
    [true, true],
  );
  const unchecked = await sql`
    select from pg_constraint where not convalidated and conname in ('hashes_record', 'variants_bytes', 'aliases_record')`;
  assert.equal(unchecked.length, 0);
  const rows = await sql<{ alias: string; known: boolean }[]>`
    select alias, created_at > '1970-01-01Z' as known from aliases order by alias`;
  assert.deepEqual(
    rows.map(({ alias, known }) => [alias, known]),
    [
      ['beside', true],
      ['old', false],
      ['open', true],
    ],
  );
});
