import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectionOptions } from '../../src/database/connection.js';
import { openDatabase } from '../../src/database/open-database.js';
import { atEnd } from '../support/cleanup.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { killPostgres } from '../support/kill-postgres.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { queueClient } from '../support/queue-client.js';
import { TotalQueue } from '../support/queue-oracle.js';
import { OracleClients } from '../support/queue-oracle-clients.js';
import { startTestService } from '../support/service.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

const { dataDir, url, sql } = await startOwnPostgres();

const env = {
  LOG_LEVEL: 'info',
  QUEUE_BACKOFF_MAX_SECONDS: '1',
  DATABASE_WAIT_SECONDS: '2',
};

/** `ORACLE_SECONDS=600 npm test -- queue/oracle` is the long form: more rounds, of about half a minute each. */
const ORACLE_SECONDS = Number(process.env['ORACLE_SECONDS'] ?? 0);
const rounds = Math.max(1, Math.round(ORACLE_SECONDS / 30));
/** Each service reaches the database through a proxy of its own, which is slow now and then. */
const proxies = [await startDatabaseProxy(url), await startDatabaseProxy(url)];
for (const proxy of proxies) proxy.slow(() => (Math.random() < 0.05 ? Math.random() * 300 : 0));

const rival = openDatabase(connectionOptions({ url, statementTimeoutSeconds: 5 }), {
  poolSize: 1,
  waitSeconds: 5,
});
atEnd(() => rival.close());

/** Somebody locks some jobs at random, each time for a moment, now and then for longer than a lease is retried. */
async function lockAtRandom(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const lock = rival.run(
      (query) => query`
        with locked as materialized (
          select id
          from jobs
          order by random()
          limit 5
          for update skip locked
        )
        select pg_sleep(random() * random())
        where (select count(*) from locked) >= 0`,
    );
    // PostgreSQL may be away.
    await lock.catch(() => {});
    await sleep(Math.random() * 200);
  }
}

for (let round = 1; round <= rounds; round++) {
  const name =
    'what is acknowledged runs once, under leases that hold, whatever is killed, slow or asked again';
  test(round === 1 ? name : `${name}: round ${round}`, runRound);
}

async function runRound(t: TestContext): Promise<void> {
  const services = new Map<number, ServiceProcess>();
  const start = async (place: number): Promise<void> => {
    // It cannot start while PostgreSQL is away; who runs it would try again too.
    for (;;) {
      try {
        services.set(place, await startServiceProcess({ ...env, DATABASE_URL: proxies[place]?.url ?? '' }));
        return;
      } catch {
        await sleep(100);
      }
    }
  };
  await Promise.all([start(0), start(1)]);
  t.after(() => Promise.all([...services.values()].map((service) => service.end('SIGKILL'))));
  const kill = async (place: number): Promise<void> => {
    const service = services.get(place);
    services.delete(place);
    await service?.end('SIGKILL');
  };

  const oracle = new TotalQueue();
  const clients = new OracleClients(oracle, (before) => {
    const bases = [...services.values()].map(({ base }) => base);
    const others = bases.filter((base) => base !== before);
    const from = others.length > 0 ? others : bases;
    return from[Math.floor(Math.random() * from.length)];
  });
  t.after(() => clients.close());
  let isOver = false;
  let isDrained = false;
  const pushers = Array.from({ length: 4 }, () => clients.push('total', () => isOver));
  const workers = Array.from({ length: 6 }, (_, n) =>
    clients.work('total', `${n}`, n % 3 > 0, () => isDrained),
  );
  const locker = lockAtRandom(() => isOver);
  const enough = (count: number) => {
    const goal = oracle.completed.size + count;
    return until(() => oracle.completed.size >= goal, 60);
  };

  await enough(50);
  await kill(0);
  await Promise.all([start(0), enough(50)]);
  await killPostgres(dataDir);
  await enough(50);
  if (ORACLE_SECONDS > 0) {
    await kill(1);
    await kill(0);
    await Promise.all([start(0), start(1)]);
    await enough(100);
  }

  isOver = true;
  await Promise.all([...pushers, locker]);
  await until(async () => (await sql`select from jobs limit 1`).length === 0, 60);
  isDrained = true;
  await Promise.all(workers);

  t.diagnostic(JSON.stringify({ completed: oracle.completed.size, ...oracle.counts }));
  assert.deepEqual(oracle.judge(), []);
  assert.equal((await sql`select from dead_jobs`).length, 0);
}

test('after PostgreSQL was killed, each service listens again, and is woken at once', async () => {
  const database = { url, sql };
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
