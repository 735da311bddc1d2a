import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import postgres from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { openSession } from '../../src/database/driver/session.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Pool } from '../../src/database/pool.js';
import { SessionRefused, Sessions } from '../../src/database/sessions.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { until } from '../support/until.js';

const database = await createDatabase({ empty: true });
const admin = postgres({
  ...connectionOptions({ url: database.url, statementTimeoutSeconds: 30 }),
  max: 1,
});
atEnd(() => admin.end({ timeout: 1 }));
let pools = 0;

/** A pool whose sessions can be told from those of the others. */
function openPool({
  url = database.url,
  size = 10,
  maxRefusedMs = 0,
  maxRunMs = 30_000,
  maxWaitMs = 10_000,
} = {}) {
  const name = `pool-${++pools}`;
  const options = connectionOptions({ url: `${url}?application_name=${name}`, statementTimeoutSeconds: 30 });
  const pool = new Pool(options, { size, maxRefusedMs, maxRunMs, maxWaitMs });
  atEnd(() => pool.close());
  const pid = async (seconds = 0): Promise<number> => {
    const rows = await pool.run(
      (sql) => sql<{ pid: number }[]>`select pg_backend_pid() as pid from pg_sleep(${seconds})`,
    );
    return rows[0]?.pid ?? 0;
  };
  const sessions = async (): Promise<number[]> => {
    const rows = await admin<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = ${name} order by backend_start`;
    return rows.map((row) => row.pid);
  };
  const untilAsleep = () =>
    until(async () => {
      const [row] = await admin`
        select from pg_stat_activity where application_name = ${name} and wait_event = 'PgSleep'`;
      return row !== undefined;
    });
  return { pool, pid, sessions, untilAsleep };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
const one = (sql: Sql) => sql<{ one: number }[]>`select 1 as one`;

test('the session that was used last is used next', async () => {
  const { pid } = openPool();
  const [early, late] = await Promise.all([pid(0.05), pid(0.2)]);
  assert.notEqual(early, late);
  for (let round = 0; round < 3; round++) assert.equal(await pid(), late);
});

test('a session that the server ends is not used again, whether it was idle or not', async () => {
  const { pool, pid } = openPool();
  const [early = 0, late = 0] = await Promise.all([pid(0.05), pid(0.2)]);
  await admin`select pg_terminate_backend(${late})`;
  // It may take a moment until the news is here.
  let next = 0;
  await until(async () => {
    next = await pid().catch(() => 0);
    return next > 0;
  });
  assert.equal(next, early);
  await assert.rejects(() => pool.run((sql) => sql`select pg_terminate_backend(pg_backend_pid())`), {
    code: 'CONNECTION_CLOSED',
  });
  assert.ok(![early, late].includes(await pid()));
});

test('after a statement that fails the session is used again', async () => {
  const { pool, pid } = openPool();
  const before = await pid();
  await assert.rejects(() => pool.run((sql) => sql`select 1 / 0`), { code: '22012' });
  await assert.rejects(() =>
    pool.run(() => {
      throw new Error('no statement');
    }),
  );
  assert.equal(await pid(), before);
});

test('idle sessions and old sessions are ended', async (t) => {
  const { pid, sessions } = openPool();
  await Promise.all([pid(0.05), pid(0.05)]);
  assert.equal((await sessions()).length, 2);
  const now = performance.now.bind(performance);
  let later = 31_000;
  const clock = mock.method(performance, 'now', () => now() + later);
  t.after(() => clock.mock.restore());
  const used = await pid();
  await until(async () => (await sessions()).length === 1);
  assert.deepEqual(await sessions(), [used]);
  // Used all the time, and yet it goes.
  later = 61 * 60_000;
  await until(async () => (await pid()) !== used);
  clock.mock.restore();
});

test('a statement that has no answer at its deadline is given up with its connection', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const { pool, pid } = openPool({ url: proxy.url, maxRunMs: 1000 });
  await pid();
  proxy.silence();
  const from = performance.now();
  await assert.rejects(() => pool.run(one), { code: 'overloaded' });
  assert.ok(performance.now() - from < 5000);
  proxy.open();
  await pid();
});

test('a server that closes each connection before the login is over: refused, then not asked for a moment', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const { pool, pid } = openPool({ url: proxy.url });
  proxy.cut();
  const refused = (error: unknown) =>
    error instanceof SessionRefused && /CLOSED|RESET|EPIPE/.test(codeOf(error.cause));
  await assert.rejects(() => pool.run(one), refused);
  proxy.open();
  await assert.rejects(() => pool.run(one), refused);
  await until(() => pid().then(Boolean, () => false), 2);
});

test('a session that cannot begin is replaced, whatever the reason', async (t) => {
  const { pool, pid } = openPool();
  const connecting = t.mock.method(Socket.prototype, 'connect', function connect(this: Socket) {
    return this.destroy(Object.assign(new Error('too many open files'), { code: 'EMFILE' }));
  });
  const answers = await Promise.allSettled([pool.run(one), pool.run(one)]);
  for (const answer of answers) {
    assert.ok(answer.status === 'rejected' && answer.reason instanceof SessionRefused);
    assert.equal(codeOf(answer.reason.cause), 'EMFILE');
  }
  connecting.mock.restore();
  await until(() => pid().then(Boolean, () => false), 2);
  await Promise.all([pool.run(one), pool.run(one)]);
});

test('a server that does not even take the connection: refused after the time for connecting', async (t) => {
  t.mock.method(Socket.prototype, 'connect', function connect(this: Socket) {
    return this;
  });
  const options = connectionOptions({ url: database.url, statementTimeoutSeconds: 30 });
  const pool = new Pool(
    { ...options, connect_timeout: 0.2 },
    { size: 10, maxRefusedMs: 0, maxRunMs: 30_000, maxWaitMs: 10_000 },
  );
  atEnd(() => pool.close());
  await assert.rejects(
    () => pool.run(one),
    (error) => error instanceof SessionRefused && codeOf(error.cause) === 'CONNECT_TIMEOUT',
  );
});

test('when the server has room again, statements do not wait for the only session', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const { pool, pid, untilAsleep } = openPool({ url: proxy.url });
  let isOver = false;
  const long = pid(3).finally(() => {
    isOver = true;
  });
  await untilAsleep();
  proxy.refuse();
  const asked = Promise.all([pool.run(one), pool.run(one)]);
  // The long one, each of these once, and then one of them again.
  await until(() => proxy.accepted() >= 4);
  proxy.open();
  await asked;
  assert.equal(isOver, false);
  await long;
});

test('if no other session becomes free in time, a statement is refused', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const { pool, pid, untilAsleep } = openPool({ url: proxy.url, maxWaitMs: 300 });
  const long = pid(2);
  await untilAsleep();
  proxy.refuse();
  await assert.rejects(() => pool.run(one), SessionRefused);
  await long;
});

test('a server that refuses sessions for a moment: the statements wait, and run in the order of arrival', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const { pool } = openPool({ url: proxy.url, size: 1, maxRefusedMs: 10_000 });
  proxy.cut();
  const order: number[] = [];
  const ask = async (nth: number): Promise<void> => {
    await pool.run((sql) => sql`select ${nth}::integer`);
    order.push(nth);
  };
  const asked = [ask(1), ask(2), ask(3)];
  // The first has tried, and tries again.
  await until(() => proxy.accepted() >= 2);
  asked.push(ask(4));
  assert.deepEqual(pool.load().waiting + pool.load().running, 4);
  proxy.open();
  await Promise.all(asked);
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test('closed while statements wait for a session: each is refused at once', async () => {
  const { pool, untilAsleep, pid } = openPool({ size: 1 });
  const long = assert.rejects(pid(30), { code: 'CONNECTION_DESTROYED' });
  await untilAsleep();
  const waiting = [1, 2].map(() => assert.rejects(pool.run(one), { code: 'CONNECTION_ENDED' }));
  assert.equal(pool.load().waiting, 2);
  await Promise.all([pool.close(), long, ...waiting]);
});

test('while the server refuses sessions, a statement waits no longer than its limit', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const db = openDatabase(connectionOptions({ url: proxy.url, statementTimeoutSeconds: 30 }), {
    poolSize: 10,
    waitSeconds: 0.5,
  });
  atEnd(() => db.close());
  const long = db.run((sql) => sql`select from pg_sleep(3)`);
  await until(() => proxy.accepted() === 1);
  proxy.refuse();
  await assert.rejects(() => db.run(one), { code: 'database_unavailable' });
  assert.ok(proxy.accepted() > 1);
  assert.equal(await Promise.race([long.then(() => 'over'), Promise.resolve('runs')]), 'runs');
  await long;
});

test('closed while it connects: no session is left, and none begins', async () => {
  for (const turns of [0, 1, 2, 3]) {
    const { pool, sessions } = openPool();
    const asked = pool.run(one);
    asked.catch(() => {});
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    await pool.close();
    await asked.catch((error: unknown) =>
      assert.match(codeOf(error) + String(error), /CONNECTION_|No session/),
    );
    await assert.rejects(() => pool.run(one), { code: 'CONNECTION_ENDED' });
    await until(async () => (await sessions()).length === 0);
  }
});

test('a pool that is closed before the driver has begun to connect never connects', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const session = openSession(connectionOptions({ url: proxy.url, statementTimeoutSeconds: 30 }), () => {});
  const asked = Promise.resolve(one(session.sql));
  asked.catch(() => {});
  await session.end(0);
  await assert.rejects(asked, { code: /CONNECTION_/ });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(proxy.accepted(), 0);
});

test('if the database is read-only, older sessions are replaced, and younger ones stay', async (t) => {
  const sessions = new Sessions(
    connectionOptions({ url: database.url, statementTimeoutSeconds: 30 }),
    30_000,
  );
  t.after(() => sessions.close());
  const [old, young] = [sessions.take(), sessions.take()];
  assert.ok(old && young);
  old.openedAt -= 60_000;
  sessions.renewSoon();
  for (const session of [old, young]) sessions.giveBack(session);
  assert.equal(sessions.count, 1);
  assert.equal(sessions.take(), young);
});

test('a role that may have fewer sessions than the pool: the statements take turns', async () => {
  const role = `few_${process.pid}`;
  await admin.unsafe(`create role ${role} login password 'few' connection limit 2`);
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'few'];
  const db = openDatabase(connectionOptions({ url: url.href, statementTimeoutSeconds: 30 }), {
    poolSize: 10,
    waitSeconds: 10,
  });
  atEnd(async () => {
    await db.close();
    await admin.unsafe(`drop role ${role}`);
  });
  const answers = await Promise.all(Array.from({ length: 30 }, () => db.run(one)));
  for (const rows of answers) assert.deepEqual(rows, [{ one: 1 }]);
});
