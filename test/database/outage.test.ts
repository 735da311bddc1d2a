import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { killPostgres } from '../support/kill-postgres.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { untilWaiting } from '../support/races.js';
import { type Answer, startTestService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const { dataDir, url, sql } = await startOwnPostgres();
const { ask, close, parked } = await startTestService({}, { url, sql });

const isFine = ({ status }: Answer): boolean => status >= 200 && status < 300;

test('PostgreSQL is killed under load: 2xx or 503, and nothing that was acknowledged is lost', async (t) => {
  const hashes = new Map<string, string>();
  const jobs = new Set<string>();
  const count = { fine: 0, unavailable: 0 };
  const note = (answer: Answer, what: string): boolean => {
    if (isFine(answer)) count.fine++;
    else count.unavailable++;
    // ask() has checked that a 503 says when to try again.
    assert.ok(isFine(answer) || answer.status === 503, `${what}: ${answer.status} ${answer.text}`);
    return isFine(answer);
  };
  let made = 0;
  /** A bit of everything: what is run again when its connection is lost, and what is not. */
  const work = async (worker: number): Promise<void> => {
    const hash = (made++).toString(16).padStart(8, '0');
    const identifier = `${worker}/${hash}`;
    if (note(await ask('PUT', `/hashes/${hash}`, { identifier }), 'create')) hashes.set(hash, identifier);
    const pushed = await ask('POST', '/queues/kept/jobs', { job: identifier });
    if (note(pushed, 'push')) jobs.add(pushed.json.id);
    note(await ask('POST', '/queues/busy/jobs', { job: 1 }), 'push');
    const popped = await ask('POST', '/queues/busy/pop', { worker_id: `${worker}`, wait_seconds: 0 });
    if (note(popped, 'pop') && popped.json.jobs.length > 0) {
      const { status } = await ask('POST', `/leases/${popped.json.jobs[0].lease}/complete`);
      // 409: completed by a statement whose answer was lost, and that was run again.
      assert.ok([204, 409, 503].includes(status), `complete: ${status}`);
    }
    note(await ask('DELETE', `/hashes/ff${hash}`), 'cleanup');
  };
  let stopped = false;
  t.after(() => {
    stopped = true;
  });
  const rounds = [0, 0, 0, 0];
  const workers = rounds.map(async (_, worker) => {
    for (; !stopped; rounds[worker] = (rounds[worker] ?? 0) + 1) await work(worker);
  });
  const load = Promise.all(workers);
  /** Until it is so, or a worker fails. */
  const underLoad = (condition: () => boolean | Promise<boolean>, seconds?: number) =>
    Promise.race([load, until(condition, seconds)]);
  const eachWorks = async (more: number, seconds: number): Promise<void> => {
    const from = [...rounds];
    await underLoad(() => rounds.every((done, worker) => done >= (from[worker] ?? 0) + more), seconds);
  };
  const waiting = ask('POST', '/queues/quiet/pop', { worker_id: 'waiting', wait_seconds: 55 });
  await underLoad(() => hashes.size >= 20 && parked() > 0);

  await Promise.race([load, killPostgres(dataDir)]);
  await underLoad(async () => isFine(await ask('GET', '/store-migration')), 10);
  // What each had begun before is over then.
  await eachWorks(1, 10);
  const { unavailable } = count;
  await eachWorks(5, 20);
  assert.equal(count.unavailable, unavailable, 'still 503 after the recovery');
  stopped = true;
  await load;

  await ask('POST', '/queues/quiet/jobs', { job: 'after the recovery' });
  assert.equal((await waiting).json.jobs?.[0]?.job, 'after the recovery');

  const rows = await sql<{ hash: string; identifier: string }[]>`
    select encode(hash, 'hex') as hash, identifier from hashes`;
  const existing = new Map(rows.map(({ hash, identifier }) => [hash, identifier]));
  for (const [hash, identifier] of hashes) assert.equal(existing.get(hash), identifier);
  const kept = await sql<{ id: string }[]>`select id::text as id from jobs where queue = 'kept'`;
  const ids = new Set(kept.map(({ id }) => id));
  for (const id of jobs) assert.ok(ids.has(id), 'an acknowledged push is lost');
});

test('a service that has lost its connections closes without delay', async () => {
  const from = performance.now();
  await close();
  assert.ok(performance.now() - from < 3000, `${Math.round(performance.now() - from)} ms`);
});

/** The answers to two requests whose statements, each on a connection of its own, are cut off. */
async function cutOff({ ask, sql }: TestService, method: string, path: string): Promise<Answer[]> {
  let asked: Promise<Answer>[] = [];
  await sql.begin(async (rival) => {
    await rival`lock table hashes, variants`;
    asked = [1, 2].map(() => ask(method, path));
    await until(async () => {
      const [row] = await sql`
        with waiting as materialized (
          select pid
          from pg_stat_activity
          where datname = current_database()
            and wait_event_type = 'Lock'
            -- Those of the background look for hashes in other ways.
            and query ~ 'from (hashes|variants)\\s+where hash = '
        )
        select count(pg_terminate_backend(pid)) as killed
        from waiting
        where (select count(*) from waiting) = 2`;
      return Number(row?.['killed']) === 2;
    });
    // Not awaited in here: what is run again waits for the end of this transaction.
  });
  return await Promise.all(asked);
}

test('a statement that is cut off is run again, on whatever connection is left', async () => {
  const service = await startTestService({ DATABASE_POOL_SIZE: '5' });
  for (const answer of await cutOff(service, 'GET', '/hashes/aa/variants')) {
    assert.equal(answer.status, 200, answer.text);
  }
});

test('a statement whose connection is lost with all others is run again on one of the next', async () => {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  // Ten places for one operation.
  const { ask, sql } = await startTestService({ DATABASE_POOL_SIZE: '25' }, { ...database, url: proxy.url });
  for (let round = 0; round < 4; round++) {
    let asked: Promise<Answer>[] = [];
    await sql.begin(async (rival) => {
      await rival`lock table variants`;
      asked = Array.from({ length: 10 }, () => ask('GET', '/hashes/aa/variants'));
      await untilWaiting(sql, 10);
    });
    // Now all connections of the pool are open, and idle but for one.
    await Promise.all(asked);
    await sql.begin(async (rival) => {
      await rival`lock table variants`;
      asked = [ask('GET', '/hashes/aa/variants')];
      await untilWaiting(sql);
      proxy.cut();
      proxy.open();
    });
    for (const answer of await Promise.all(asked)) assert.equal(answer.status, 200, answer.text);
  }
});

test('a statement that must not be run twice is refused when cut off, and no later one is', async () => {
  const service = await startTestService({ DATABASE_POOL_SIZE: '5' });
  for (const { status } of await cutOff(service, 'DELETE', '/hashes/aa')) assert.equal(status, 503);
  for (const { status } of await Promise.all([1, 2].map(() => service.ask('DELETE', '/hashes/aa')))) {
    assert.equal(status, 200);
  }
});
