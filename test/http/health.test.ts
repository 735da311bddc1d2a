import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { failure } from '../../src/database/driver/failure.js';
import { READY_DEADLINE_MS, watchHealth } from '../../src/health.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { scrape } from '../support/metrics.js';
import { createRole } from '../support/odd-role.js';
import { assertProblem, lines, sendRaw } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const FINE = {
  process: 'serving',
  database: 'reachable',
  writes: 'accepted',
  schema: 'fits',
  settings: [],
  listener: 'listening',
};

const ready = async (base: string) => {
  const from = performance.now();
  const response = await fetch(`${base}/readyz`);
  return {
    status: response.status,
    headers: response.headers,
    json: JSON.parse(await response.text()),
    ms: performance.now() - from,
  };
};

/** The database is asked once a second, so there is no gain in asking more often. */
const PAUSE_MS = 100;

/** What the checks say, once they have changed. */
async function untilReady(base: string, wanted: 200 | 503) {
  await until(async () => (await ready(base)).status === wanted, 20, PAUSE_MS);
  return (await ready(base)).json.checks;
}

const untilChecked = (base: string, name: keyof typeof FINE, wanted: string) =>
  until(async () => (await ready(base)).json.checks[name] === wanted, 20, PAUSE_MS);

const service = await startTestService();

const isAlive = async (base: string): Promise<boolean> => (await fetch(`${base}/livez`)).ok;

test('200: a fresh service is alive and ready, and shows the result of each check', async () => {
  const { base } = service;
  const alive = await fetch(`${base}/livez`);
  assert.deepEqual([alive.status, await alive.json()], [200, { status: 'alive' }]);
  assert.equal(alive.headers.get('cache-control'), 'no-store');
  await untilChecked(base, 'listener', 'listening');
  const { status, json } = await ready(base);
  assert.deepEqual([status, json], [200, { status: 'ready', checks: FINE }]);
});

test('200: probes may ask under any Host or none; no other route may be asked so', async () => {
  const { base } = service;
  for (const host of [['Host: 10.1.2.3:3000'], ['Host: pict-repo.example'], []]) {
    for (const path of ['/livez', '/readyz']) {
      const answer = await sendRaw(base, lines(`GET ${path} HTTP/1.0`, ...host));
      assert.equal(answer.status, 200, `${path} ${host}`);
    }
    assert.ok((await sendRaw(base, lines('GET /metrics HTTP/1.1', ...host))).status >= 400);
  }
});

test('503: a database that is gone, then one that hangs; alive all the time, and ready again after', async () => {
  const proxy = await startDatabaseProxy(service.url);
  const { base } = await startTestService({}, { ...service, url: proxy.url });
  assert.equal((await ready(base)).status, 200);

  proxy.cut();
  const gone = await untilReady(base, 503);
  assert.deepEqual([gone.database, gone.schema], ['unreachable', 'unknown']);
  assert.ok(await isAlive(base));
  const { status, headers, json } = await ready(base);
  assertProblem({ status, headers, text: JSON.stringify(json) }, 503, 'not_ready');
  assert.equal(headers.get('retry-after'), '1');
  assert.ok(
    !JSON.stringify(json).includes(new URL(proxy.url).port),
    'where the database is, is nobody’s business',
  );
  proxy.open();
  assert.equal((await untilReady(base, 200)).database, 'reachable');

  proxy.silence();
  await untilReady(base, 503);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const hung = await ready(base);
    assert.equal(hung.json.checks.database, 'silent');
    times.push(hung.ms);
    assert.ok(await isAlive(base));
  }
  // Machines hiccup.
  assert.ok(Math.min(...times) < 950, `${times} ms: who asks has given up after a second`);
  proxy.open();
  assert.equal((await untilReady(base, 200)).database, 'reachable');
});

test('200: neither a saturated pool nor a lost listener makes a service unready', async () => {
  const proxy = await startDatabaseProxy(service.url);
  const env = { DATABASE_POOL_SIZE: '2', DATABASE_DIRECT_URL: proxy.url };
  const { base, ask, sql } = await startTestService(env, service);
  await untilChecked(base, 'listener', 'listening');

  proxy.cut();
  await untilChecked(base, 'listener', 'lost');
  assert.equal((await ready(base)).status, 200);
  assert.equal((await scrape(base)).get('pict_repo_listener_up'), 0);
  proxy.open();
  await untilChecked(base, 'listener', 'listening');
  assert.equal((await scrape(base)).get('pict_repo_listener_up'), 1);

  let asked: Promise<unknown>[] = [];
  await sql.begin(async (rival) => {
    await rival`lock table hashes`;
    // Of different kinds: reads of one kind share a statement.
    const kinds = ['identifier', 'motion-identifier', 'variants', 'aliases'];
    asked = kinds.map((kind) => ask('GET', `/hashes/aa/${kind}`));
    await until(async () => (await scrape(base)).get('pict_repo_pool_requests_waiting') > 0);
    // Not the answer that is still believed.
    await new Promise((resolve) => setTimeout(resolve, 1001));
    const busy = await ready(base);
    assert.deepEqual([busy.status, busy.ms < 5000], [200, true]);
  });
  await Promise.all(asked);
});

test('200: where the server has no room for a session of the probe, those that serve requests are asked', async () => {
  const role = await createRole();
  const { base, ask } = await startTestService({ DATABASE_POOL_SIZE: '2' }, role);
  const { username } = new URL(role.url);
  const { sql } = role;
  // LISTEN must have its session before there is no room for more.
  await until(async () => (await scrape(base)).get('pict_repo_listener_up') === 1);
  assert.equal((await ask('GET', '/hashes/size')).status, 200);
  await sql`alter role ${sql(username)} connection limit 1`;
  const { status, json } = await ready(base);
  assert.deepEqual([status, json.checks], [200, FINE]);
  assert.equal((await ask('GET', '/hashes/size')).status, 200);
});

test('a server without room that answers late: the check ends in the time of a probe, and says why', async () => {
  const causes: string[] = [];
  const log = { info() {}, warn: ({ cause }: { cause: string }) => causes.push(cause) };
  const { check } = watchHealth({
    probe: {
      asked: [],
      renew() {},
      async run() {
        await sleep(READY_DEADLINE_MS - 100);
        throw failure('53300', 'too many connections');
      },
      async close() {},
    },
    pool: { run: () => new Promise<never>(() => {}) },
    isListening: () => true,
    writeRefusedAt: () => undefined,
    log: log as unknown as FastifyBaseLogger,
  });
  const from = performance.now();
  const { ready, checks } = await check();
  assert.deepEqual([ready, checks.database], [false, 'silent']);
  assert.ok(performance.now() - from < 1.7 * READY_DEADLINE_MS, `${performance.now() - from} ms`);
  assert.match(causes.join(), /no room/);
});

test('503: a schema older than the program; with a newer one the service stays ready', async () => {
  const { base, sql } = await startTestService();
  await sql`insert into migrations (name, created_at) values ('99999-later.js', now())`;
  await untilChecked(base, 'schema', 'newer');
  assert.equal((await ready(base)).status, 200);
  await sql`delete from migrations where name = '00002-queue.js'`;
  assert.equal((await untilReady(base, 503)).schema, 'older');
  await sql`alter table migrations rename to elsewhere`;
  const { status, json } = await ready(base);
  assert.deepEqual([status, json.checks.schema], [503, 'older']);
});

test('503: a database without the tables, or whose tables the role may not use, as during a restore; 200 when it has them', async () => {
  const role = await createRole();
  const { base, ask, sql } = await startTestService({}, role);
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public'`;
  const giveTo = (owner: string) =>
    sql.unsafe(tables.map(({ name }) => `alter table ${name} owner to ${owner}`).join(';')).simple();
  const moveFrom = (schema: string, to: string) => sql`alter schema ${sql(schema)} rename to ${sql(to)}`;
  const ways: [() => PromiseLike<unknown>, () => PromiseLike<unknown>, Record<string, string>][] = [
    [
      () => moveFrom('public', 'elsewhere'),
      () => moveFrom('elsewhere', 'public'),
      { database: 'reachable', schema: 'older' },
    ],
    [
      () => giveTo('current_user'),
      () => giveTo(new URL(role.url).username),
      { database: 'refused', schema: 'unknown' },
    ],
  ];
  const calls: [string, string, unknown?][] = [
    ['GET', '/hashes/aa'],
    ['PUT', '/hashes/aa', { identifier: 'a' }],
    ['GET', '/hashes/page'],
    ['GET', '/media?alias=a'],
    ['PUT', '/aliases/a/access', {}],
    ['POST', '/queues/q/jobs', { job: 1 }],
    ['POST', '/queues/q/jobs', { job: 1, unique_key: 'k' }],
    ['POST', '/queues/q/pop', { worker_id: 'w', wait_seconds: 1 }],
    ['POST', `/leases/${'01939a3c-0000-7000-8000-000000000001.1.1'}/complete`],
    ['GET', '/queues?max_age=0'],
    ['GET', '/report?max_age=0'],
  ];
  for (const [breaks, mends, checks] of ways) {
    await breaks();
    for (const [method, path, body] of calls) {
      const answer = await ask(method, path, body);
      assertProblem(answer, 503, 'database_unavailable');
      assert.equal(answer.headers.get('retry-after'), '1', `${method} ${path}`);
    }
    const { database, schema } = await untilReady(base, 503);
    assert.deepEqual({ database, schema }, checks);
    await mends();
    await untilReady(base, 200);
    for (const [method, path, body] of calls) assert.ok((await ask(method, path, body)).status < 500);
  }
});

test('503: a database that cannot be written, which costs no sessions; 200 when it can', async () => {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  const { base, ask, sql } = await startTestService({}, { ...database, url: proxy.url });
  const [row] = await sql<{ name: string }[]>`select current_database() as name`;
  await ready(base);
  await sql`alter database ${sql(row?.name ?? '')} set default_transaction_read_only = on`;
  await sql`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  assert.equal((await untilReady(base, 503)).database, 'read_only');

  assert.equal((await ask('GET', '/settings/a')).status, 404);
  const before = proxy.accepted();
  for (let times = 0; times < 10; times++) {
    assertProblem(await ask('PUT', '/settings/a', 'x'), 503, 'database_not_writable');
    assert.equal((await ask('GET', '/settings/a')).status, 404);
  }
  const opened = proxy.accepted() - before;
  assert.ok(opened < 5, `${opened} sessions were opened meanwhile`);
  assert.ok((await scrape(base)).get('pict_repo_writes_refused_total', { reason: 'read_only' }) >= 10);

  await sql`alter database ${sql(row?.name ?? '')} reset default_transaction_read_only`;
  assert.equal((await untilReady(base, 200)).database, 'reachable');
});

test('200: a full disk is shown for a minute, and reads go on', async () => {
  const { base, ask, sql } = await startTestService();
  assert.equal((await ask('PUT', '/settings/a', 'x')).status, 204);
  await sql`
    create function full_disk() returns trigger language plpgsql as
    'begin raise exception ''could not extend file'' using errcode = ''53100''; end'`;
  await sql`create trigger full_disk before insert or update on settings for each row execute function full_disk()`;
  assert.equal((await ready(base)).json.checks.writes, 'accepted');
  const refused = await ask('PUT', '/settings/b', 'x');
  assertProblem(refused, 503, 'database_not_writable');
  assert.match(refused.json.detail, /disk/);
  assert.equal((await ask('GET', '/settings/a')).text, 'x');
  const { status, json } = await ready(base);
  assert.deepEqual([status, json.checks.writes], [200, 'failed_lately']);
  assert.equal((await scrape(base)).get('pict_repo_writes_refused_total', { reason: 'disk_full' }), 1);
});
