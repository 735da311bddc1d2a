import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { migrateDown } from '../../src/database/migrate.js';
import { quotedSchema } from '../../src/database/schema-name.js';
import { createDatabase } from '../support/database.js';
import { askEveryRepo } from '../support/every-repo.js';
import { createRole } from '../support/odd-role.js';
import { pgbouncerVersion, startPgbouncer } from '../support/pgbouncer.js';
import { startTestService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const ODD = 'Odd "Näme".x; -- $user';
const OTHER = 'order';

async function tablesOf(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ schema: string; tables: number }[]>`
    select nspname::text as schema, count(*)::integer as tables
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'r' and nspname !~ '^pg_|^information_schema$'
    group by nspname`;
  return Object.fromEntries(rows.map(({ schema, tables }) => [schema, tables]));
}

/** The channels on which the database's sessions listen. */
async function channels(sql: Sql): Promise<string[]> {
  const rows = await sql<{ query: string }[]>`
    select distinct query from pg_stat_activity
    where datname = current_database() and query like 'listen %' order by query`;
  return rows.map(({ query }) => query);
}

const migrated = await createDatabase();
/** Has no tables but those that services make. */
const empty = await createDatabase({ empty: true });

const pop = ({ ask }: TestService, wait_seconds: number) =>
  ask('POST', '/queues/woken/pop', { worker_id: 'w', wait_seconds });
const push = ({ ask }: TestService, more: object = {}) =>
  ask('POST', '/queues/woken/jobs', { job: 1, ...more });

test('a schema with an odd name: every repo answers as in public, and nothing is made elsewhere', async () => {
  const expected = await askEveryRepo(await startTestService({}, migrated));
  const service = await startTestService({ DATABASE_SCHEMA: ODD }, empty);
  assert.deepEqual(await askEveryRepo(service), expected);
  assert.deepEqual(Object.keys(await tablesOf(empty.sql)), [ODD]);
  const { checks } = JSON.parse(await (await fetch(`${service.base}/readyz`)).text());
  assert.deepEqual([checks.database, checks.settings, checks.schema], ['reachable', [], 'fits']);
  await service.close();
});

test('two services in two schemas of a database: neither sees, wakes or locks the other; migrations are apart', async () => {
  const database = await createDatabase();
  const { sql } = database;
  const one = await startTestService({ DATABASE_SCHEMA: ODD }, database);
  const two = await startTestService({ DATABASE_SCHEMA: OTHER }, database);
  await until(async () => (await channels(sql)).length === 2);
  // The locks of public are held by somebody else meanwhile.
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holder = sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(n) from generate_series(7311908220, 7311908230) as n`;
    await released;
  });
  await one.ask('PUT', '/hashes/aa', { identifier: 'a' });
  assert.equal((await two.ask('GET', '/hashes/aa')).status, 404);
  assert.equal((await two.ask('PUT', '/hashes/aa', { identifier: 'a' })).status, 201);

  const waiting = pop(two, 20);
  await until(() => two.parked() === 1);
  await push(one);
  await push(two, { delay_seconds: 0.2 });
  const [popped] = (await waiting).json.jobs;
  assert.equal(popped?.job, 1);
  assert.equal((await pop(one, 0)).json.jobs.length, 1);

  await two.close();
  await migrateDown(
    connectionOptions({ url: database.url, statementTimeoutSeconds: 0, schema: OTHER }),
    true,
  );
  release();
  await holder;
  const tables = await tablesOf(sql);
  // Its own table of migrations is left, and the tables that the test's database has in public.
  assert.deepEqual(Object.keys(tables).sort(), [ODD, OTHER, 'public'].sort());
  assert.equal(tables[OTHER], 1);
  assert.equal((await one.ask('GET', '/hashes/aa')).status, 200);
});

test('replicas in one schema wake each other', async () => {
  const [one, two] = [
    await startTestService({ DATABASE_SCHEMA: ODD }, empty),
    await startTestService({ DATABASE_SCHEMA: ODD }, empty),
  ];
  await until(async () => (await channels(empty.sql)).length === 1);
  const waiting = pop(one, 20);
  await until(() => one.parked() === 1);
  await push(two);
  assert.equal((await waiting).json.jobs.length, 1);
});

test('search_path in the options of the URL decides as that of the role does', async () => {
  const database = await createDatabase({ empty: true });
  await database.sql.unsafe(`create schema ${quotedSchema('by options')}`);
  const url = `${database.url}?options=${encodeURIComponent('-csearch_path="by\\ options"')}`;
  const service = await startTestService({}, { ...database, url });
  assert.equal((await service.ask('PUT', '/hashes/aa', { identifier: 'a' })).status, 201);
  assert.deepEqual(Object.keys(await tablesOf(database.sql)), ['by options']);
});

test('a schema that the role may not create, or that has the tables of another program, is refused', async () => {
  const role = await createRole();
  const { username, pathname } = new URL(role.url);
  await role.sql.unsafe(`alter database ${pathname.slice(1)} owner to current_user`);
  await assert.rejects(startTestService({ DATABASE_SCHEMA: ODD }, role), /create schema "Odd ""N/);
  await role.sql.unsafe(`create schema ${OTHER}_ authorization ${username}`);
  await role.sql.unsafe(`create table ${OTHER}_.jobs (id int)`);
  await assert.rejects(
    startTestService({ DATABASE_SCHEMA: `${OTHER}_` }, role),
    /belongs to another program.*jobs/,
  );
  const missing = connectionOptions({ url: role.url, statementTimeoutSeconds: 0, schema: 'missing' });
  await assert.rejects(migrateDown(missing, true), /no schema "missing"/);
});

test('behind PgBouncer each schema has an entry with a connect_query; the wrong schema is refused at the start', {
  skip: pgbouncerVersion() === undefined && 'PgBouncer is not at hand: apt-get install pgbouncer',
}, async () => {
  const schema = 'behind "it"';
  const query = `set search_path to ${quotedSchema(schema)}`;
  const behind = await startPgbouncer(migrated.url, (recipe) =>
    recipe.replace(/^(images = .*)$/m, `$1 connect_query='${query}'`),
  );
  const env = { DATABASE_DIRECT_URL: migrated.url, DATABASE_PREPARE: 'false' };
  const service = await startTestService({ ...env, DATABASE_SCHEMA: schema }, { ...migrated, url: behind });
  assert.equal((await service.ask('PUT', '/hashes/aa', { identifier: 'a' })).status, 201);
  const hashes = await migrated.sql.unsafe(`select identifier from ${quotedSchema(schema)}.hashes`);
  assert.deepEqual([...hashes], [{ identifier: 'a' }]);
  // Both schemas have the tables. Sessions by the pooler would find those of the other one.
  await assert.rejects(
    startTestService({ ...env, DATABASE_SCHEMA: 'public' }, { ...migrated, url: behind }),
    /do not find the tables, which are in the schema public/,
  );
});
