import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { connectionOptions } from '../src/database/connection.js';
import { startEmbedded } from '../src/database/embedded/index.js';
import { atEnd } from './support/cleanup.js';
import { killPostgres } from './support/kill-postgres.js';
import { queueClient } from './support/queue-client.js';
import { TotalQueue } from './support/queue-oracle.js';
import { type AppProcess, startProcess } from './support/queue-process.js';
import { startTestService } from './support/service.js';
import { until } from './support/until.js';

/** A PostgreSQL of this file's own, to be killed. */
const dataDir = await mkdtemp(join(tmpdir(), 'pict-repo-oracle-'));
// As root, PostgreSQL runs as another user, who must be able to enter.
await chmod(dataDir, 0o711);
atEnd(() => rm(dataDir, { recursive: true, force: true }));
const server = await startEmbedded({
  dataDir,
  log: { info: () => {}, warn: () => {} },
  // The kernel outlives the kill, so what PostgreSQL has written stays.
  settings: { fsync: 'off' },
});
atEnd(() => server.stop());
const sql = postgres({ ...connectionOptions({ url: server.url, statementTimeoutSeconds: 0 }), max: 2 });
atEnd(() => sql.end({ timeout: 1 }));

const env = {
  DATABASE_URL: server.url,
  LOG_LEVEL: 'info',
  QUEUE_BACKOFF_MAX_SECONDS: '1',
  DATABASE_WAIT_SECONDS: '2',
};

test('whatever is killed: what was acknowledged is delivered, nothing else, nor what is done', async (t) => {
  const apps = new Map<number, AppProcess>();
  const start = async (place: number): Promise<void> => {
    // It cannot start while PostgreSQL is away; who runs it would try again too.
    for (;;) {
      try {
        apps.set(place, await startProcess(env));
        return;
      } catch {
        await sleep(100);
      }
    }
  };
  await start(0);
  await start(1);
  t.after(() => Promise.all([...apps.values()].map((app) => app.end('SIGKILL'))));
  const kill = async (place: number): Promise<void> => {
    const app = apps.get(place);
    apps.delete(place);
    await app?.end('SIGKILL');
  };

  const oracle = new TotalQueue(() => {
    const bases = [...apps.values()].map(({ base }) => base);
    return bases[Math.floor(Math.random() * bases.length)];
  });
  let isOver = false;
  let isDrained = false;
  const pushers = Array.from({ length: 4 }, () => oracle.push('total', () => isOver));
  const workers = Array.from({ length: 6 }, (_, n) => oracle.work('total', `${n}-${n % 2}`, () => isDrained));
  const enough = (count: number) => {
    const goal = oracle.completed.size + count;
    return until(() => oracle.completed.size >= goal, 60);
  };

  await enough(200);
  await kill(0);
  await Promise.all([start(0), enough(100)]);
  await killPostgres(dataDir);
  await enough(100);
  await kill(1);
  await kill(0);
  await Promise.all([start(0), start(1)]);
  await enough(100);

  isOver = true;
  await Promise.all(pushers);
  await until(async () => (await sql`select from jobs limit 1`).length === 0, 60);
  isDrained = true;
  await Promise.all(workers);

  assert.deepEqual(oracle.violations, []);
  const lost = [...oracle.acknowledged].filter(
    (id) => !oracle.delivered.has(id) || !oracle.completed.has(id),
  );
  assert.deepEqual(lost, []);
  assert.equal((await sql`select from dead_jobs`).length, 0);
});

test('after PostgreSQL was killed, each service listens again, and is woken at once', async () => {
  const database = { url: server.url, sql };
  const here = await startTestService({}, database);
  const there = await startTestService({}, database);
  const listeners = async () => {
    const find = sql<{ pid: number }[]>`select pid from pg_stat_activity where query ilike 'listen %'`;
    return (await find.catch(() => [])).map(({ pid }) => pid);
  };
  await until(async () => (await listeners()).length === 2);
  const killed = await listeners();
  await killPostgres(dataDir);
  await until(async () => (await listeners()).filter((pid) => !killed.includes(pid)).length === 2);
  const times: number[] = [];
  for (let round = 0; round < 6; round++) {
    const parked = queueClient(there).pop('again', { wait_seconds: 20 });
    await until(() => there.parked() === 1);
    const begun = performance.now();
    await queueClient(here).push('again');
    await parked;
    times.push(performance.now() - begun);
  }
  // The slowest are left out of account: machines hiccup.
  const [, , , usual = 0] = times.sort((a, b) => a - b);
  assert.ok(usual < 400, `${times} ms`);
});
