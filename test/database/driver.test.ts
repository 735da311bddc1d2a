import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import postgres from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { ConnectionOptions, Sql } from '../../src/database/database.js';
import { padding } from '../../src/database/driver/padding.js';
import { isLockTimeout } from '../../src/database/errors.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Problem } from '../../src/problems.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { until } from '../support/until.js';

/** Faults of the postgres driver (3.4.9) that src/database works around. */
const { url } = await createDatabase({ empty: true });
const connection = connectionOptions({ url, statementTimeoutSeconds: 30 });

/** Fails at its 500th row, when the first ones are on their way already. */
function failLate(sql: Sql) {
  return sql`select 100 / (500 - i) from generate_series(1, 1000) as i`;
}

test('driver: after a query that failed late, the next result begins with holes', async () => {
  const sql = postgres({ ...connection, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  await assert.rejects(() => failLate(sql), { code: '22012' });
  const rows = await sql`select 'only' as row`;
  assert.ok(rows.length > 1, 'the driver is mended: driver/rows.ts can go');
  assert.equal(0 in rows, false);
  assert.deepEqual(rows.at(-1), { row: 'only' });
  assert.deepEqual([...(await sql`select 'next' as row`)], [{ row: 'next' }]);
});

test('run: returns the rows, and no holes, after a query that failed late', async () => {
  const db = openDatabase(connection, { poolSize: 1, waitSeconds: 10 });
  atEnd(() => db.close());
  await assert.rejects(() => db.run(failLate), { code: '22012' });
  let asked: readonly unknown[] = [];
  const rows = await db.run((sql) => sql<{ row: string }[]>`select 'only' as row`, {
    retryIf: (found) => {
      asked = found;
      return false;
    },
  });
  assert.deepEqual(rows, [{ row: 'only' }]);
  // Who asks for another run counts rows, and must not count holes.
  assert.deepEqual(asked, [{ row: 'only' }]);
});

const NAMES = ['a,b', '"\\', 'null', '', ' {}'];
const ECHO = { bytes: '\\xab', yes: true, no: false, names: '{"a,b","\\"\\\\","null",""," {}"}' };

test('driver: connects without end where each connection is closed before the login is over', async () => {
  const proxy = await startDatabaseProxy(url);
  proxy.cut();
  let connects = 0;
  const options = connectionOptions({ url: proxy.url, statementTimeoutSeconds: 30 });
  const counting = {
    socket: async () => {
      connects++;
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(proxy.url).port) });
      await once(socket, 'connect');
      return socket;
    },
  };
  const sql = postgres({ ...options, ssl: false, max: 1, ...counting });
  const asked = sql`select`.catch(() => 'rejected');
  await until(() => connects > 20);
  assert.equal(
    await Promise.race([asked, Promise.resolve('waits')]),
    'waits',
    'the driver is mended: see driver/session.ts',
  );
  await sql.end({ timeout: 0 });
});

test('driver: has no login event', () => {
  const events = Object.keys(postgres(connection).options).filter((name) => name.startsWith('on'));
  const known = ['onclose', 'onnotice', 'onnotify', 'onparameter'];
  assert.deepEqual(events.sort(), known, 'the driver is changed: see isLoggedIn() in driver/session.ts');
});

test('run: 503 if there is no session, and the next statement gets one again', async () => {
  const database = await createDatabase({ empty: true });
  const name = new URL(database.url).pathname.slice(1);
  // From another database of the same server.
  const admin = postgres({ ...connection, max: 1 });
  const refused = connectionOptions({ url: database.url, statementTimeoutSeconds: 30 });
  const db = openDatabase(refused, { poolSize: 2, waitSeconds: 10 });
  atEnd(() => Promise.all([admin.end({ timeout: 1 }), db.close()]));
  const ask = () => db.run((sql) => sql<{ one: number }[]>`select 1 as one`);
  await admin`alter database ${admin(name)} allow_connections false`;
  for (let round = 0; round < 2; round++) await assert.rejects(ask, { code: 'database_unavailable' });
  await admin`alter database ${admin(name)} allow_connections true`;
  await until(
    () =>
      ask().then(
        () => true,
        () => false,
      ),
    2,
  );
});

/** Asks for what it is given, before and after the server has forgotten the prepared statement. */
async function echoTwice(sql: Sql) {
  const echo = async () => {
    const [row] = await sql<{ bytes: string; yes: boolean; no: boolean; names: string }[]>`
      select
        ${Buffer.from('ab', 'hex')}::bytea::text as bytes,
        ${true}::boolean as yes,
        ${false}::boolean as no,
        ${NAMES}::text[]::text as names`;
    return row;
  };
  const first = await echo();
  await sql`deallocate all`;
  return [first, await echo()];
}

test('driver: sends a statement again whose prepared form is gone, with other parameters', async () => {
  const { types: _, fetch_types: __, ...itsOwn } = connection;
  const sql = postgres({ ...itsOwn, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  const [first, again] = await echoTwice(sql);
  assert.deepEqual(first, ECHO);
  const broken = { ...ECHO, bytes: `\\x${Buffer.from('\\xab').toString('hex')}`, yes: false };
  assert.deepEqual(again, broken, 'the driver is mended: driver/parameters.ts can go');
});

test('connectionOptions: a statement that is sent again has the same parameters', async () => {
  const sql = postgres({ ...connection, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  assert.deepEqual(await echoTwice(sql), [ECHO, ECHO]);
});

/** Whether a connection asks the server for its types, unasked. */
async function asksForTypes(t: TestContext, options: ConnectionOptions): Promise<boolean> {
  const sql = postgres({ ...options, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  const { mock: sending } = t.mock.method(Socket.prototype, 'write');
  await sql`select 'first'`;
  const sent = sending.calls.map(({ arguments: [bytes] }) => String(bytes)).join('');
  assert.ok(sent.includes("select 'first'"));
  return sent.includes('pg_type');
}

test('driver: asks for types at each connection, and an error of that is an unhandled rejection', async (t) => {
  const { fetch_types: _, ...itsOwn } = connection;
  assert.ok(
    await asksForTypes(t, itsOwn),
    'the driver is changed: see whether arrayType() in driver/parameters.ts is needed',
  );
  t.mock.restoreAll();
  assert.equal(await asksForTypes(t, connection), false);
});

test('bytea is read in both forms that a session can be set to, all bytes of it', async () => {
  const sql = postgres({ ...connection, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  const every = Buffer.from([...Array.from({ length: 256 }, (_, byte) => byte), 92, 120, 92, 92, 48, 48, 48]);
  for (const bytes of [every, Buffer.from('\\x00'), Buffer.alloc(0)]) {
    for (const form of ['hex', 'escape']) {
      await sql.unsafe(`set bytea_output = '${form}'`);
      const rows = await sql<{ bytes: Buffer }[]>`select ${bytes}::bytea as bytes`;
      assert.deepEqual([...rows], [{ bytes }], form);
    }
  }
});

test('values whose text depends on settings are refused: times, fractions, and null in an array', async () => {
  const sql = postgres({ ...connection, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  await assert.rejects(() => sql`select now() as at`, TypeError);
  await assert.rejects(() => sql`select 0.1::float8 as n`, TypeError);
  await assert.rejects(() => sql`select ${[null, 'a']}::text[]::text as list`, TypeError);
  const rows = await sql`select 12345678901 as whole, 0.125 as part`;
  assert.deepEqual([...rows], [{ whole: 12_345_678_901, part: 0.125 }]);
});

/** Whether the second run of a statement, when it is prepared, is sent in the turn of the event loop that asks. */
async function isSentAtOnce(t: TestContext, ask: (sql: Sql) => PromiseLike<unknown>): Promise<boolean> {
  const sql = postgres({ ...connection, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  await ask(sql);
  const { mock: sending } = t.mock.method(Socket.prototype, 'write');
  const answer = Promise.resolve(ask(sql));
  for (let hops = 0; hops < 100; hops++) await Promise.resolve();
  const sent = sending.callCount();
  await answer;
  assert.equal(sending.callCount(), 1);
  return sent === 1;
}

test('driver: keeps a short statement back until the event loop comes round', async (t) => {
  const isSent = await isSentAtOnce(t, (sql) => sql`select ${1}::integer`);
  assert.equal(isSent, false, 'the driver is mended: driver/padding.ts can go');
});

test('padding: a statement that begins with it is sent at once', async (t) => {
  assert.ok(await isSentAtOnce(t, (sql) => sql`with ${padding(sql)} select ${1}::integer`));
});

setFlagsFromString('--expose-gc');
const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');

/**
 * How much of 200 queries, whose parameters are 40 KB each, came to the old objects, in MB: what the usual query with
 * such parameters adds to them, less what the usual one with hardly any does. A process that has run other tests adds
 * something at each.
 */
async function grownOld(ask: (numbers: number[]) => PromiseLike<unknown>): Promise<number> {
  const old = () =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
  const grown: Record<'large' | 'small', number[]> = { large: [], small: [] };
  for (let round = 0; round < 200; round++) {
    for (const [size, length] of [
      ['large', 5000],
      ['small', 1],
    ] as const) {
      await ask(Array.from({ length }, (_, at) => at));
      const before = old();
      // What survives the second one is old.
      collect({ type: 'minor' });
      collect({ type: 'minor' });
      grown[size].push(old() - before);
    }
  }
  const usual = (bytes: number[]) => bytes.sort((a, b) => a - b)[100] ?? Number.NaN;
  return (200 * (usual(grown.large) - usual(grown.small))) / 1e6;
}

test('driver: what a query was made of outlives minor collections', async () => {
  const sql = postgres({ ...connection, max: 1 });
  atEnd(() => sql.end({ timeout: 1 }));
  const grown = await grownOld((numbers) => sql`select cardinality(${numbers}::integer[])`);
  assert.ok(grown > 8, `${grown} MB: the driver or V8 is mended, driver/drop-inputs.ts can go`);
});

test('run: what a query was made of does not outlive minor collections', async () => {
  const db = openDatabase(connection, { poolSize: 1, waitSeconds: 10 });
  atEnd(() => db.close());
  const grown = await grownOld((numbers) => db.run((sql) => sql`select cardinality(${numbers}::integer[])`));
  assert.ok(grown < 4, `${grown} MB`);
});

test('run: a statement that is canceled at once has met a lock', async () => {
  const db = openDatabase(connection, { poolSize: 1, waitSeconds: 10 });
  atEnd(() => db.close());
  const canceled = db.run((sql) => sql`select pg_cancel_backend(pg_backend_pid()), pg_sleep(1)`);
  const refused: unknown = await canceled.catch((error: unknown) => error);
  assert.ok(isLockTimeout(refused));
  assert.ok(refused instanceof Problem && refused.code === 'contended');
});
