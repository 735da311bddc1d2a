import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedFigures } from '../../src/repos/queue/figures.js';
import type { Figures } from '../../src/repos/queue/sql/count-queues.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { queueClient } from '../support/queue-client.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** Figures of one queue, whose counts end when they are told to. */
function counting() {
  const counts: { end: (ready: number) => void; fail: (error: Error) => void }[] = [];
  const figures = new SharedFigures(
    () =>
      new Promise<Figures>((resolve, reject) => {
        const stats = {
          queue: 'q',
          scheduled: 0,
          running: 0,
          dead: 0,
          oldest_ready_seconds: 0,
          paused: false,
        };
        counts.push({
          end: (ready) => resolve({ as_of: '2026-11-22T13:14:56.789012Z', queues: [{ ...stats, ready }] }),
          fail: reject,
        });
      }),
  );
  const read = async () => (await figures.read()).queues[0]?.ready;
  return { counts, read };
}

const LARGE = 1_000_000;

const ready = await startTestService();

test('requests that arrive during a count get the next one', async () => {
  const { counts, read } = counting();
  const first = read();
  const later = Array.from({ length: 20 }, read);
  counts[0]?.end(1);
  assert.equal(await first, 1);
  await until(() => counts.length === 2);
  counts[1]?.end(2);
  assert.deepEqual(
    await Promise.all(later),
    Array.from({ length: 20 }, () => 2),
  );
  const fresh = read();
  counts[2]?.end(3);
  assert.equal(await fresh, 3);
  assert.equal(counts.length, 3);
});

test('figures of many jobs are kept, counted again beside the answers, and never given out after five seconds', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { counts, read } = counting();
  const first = read();
  now = 100;
  counts[0]?.end(LARGE);
  assert.equal(await first, LARGE);
  now = 1900;
  assert.equal(await read(), LARGE);
  assert.equal(counts.length, 1, 'counting takes no more than a twentieth of the time');
  now = 2100;
  assert.equal(await read(), LARGE);
  assert.equal(await read(), LARGE);
  assert.equal(counts.length, 2);
  now = 5001;
  const late = [read(), read()];
  counts[1]?.end(LARGE + 1);
  assert.deepEqual(await Promise.all(late), [LARGE + 1, LARGE + 1]);
  assert.equal(counts.length, 2);
});

test('a count that fails is an error for those who wait for it, and the next request counts anew', async () => {
  const { counts, read } = counting();
  const failing = read();
  counts[0]?.fail(Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' }));
  await assert.rejects(failing, { code: 'database_unavailable', status: 503 });
  const next = read();
  counts[1]?.end(1);
  assert.equal(await next, 1);
});

test('300 queues that are only waited for are listed with zeros, beside those that have jobs, from one count', async () => {
  const service = await startTestService();
  const { ask, push, pop } = { ...service, ...queueClient(service) };
  await push('queue-007b');
  await ask('POST', '/queues/paused/pause');
  const names = Array.from({ length: 300 }, (_, n) => `queue-${String(n).padStart(3, '0')}`);
  const stop = new AbortController();
  for (const queue of names) {
    service
      .ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', wait_seconds: 20 }, { signal: stop.signal })
      .catch(() => {});
  }
  await until(() => service.parked() === 300);
  const { as_of, queues } = (await ask('GET', '/queues')).json;
  assert.ok(Math.abs(Date.now() - Date.parse(as_of)) < 5000);
  const listed = queues.map(({ queue }: { queue: string }) => queue);
  assert.deepEqual(listed, [...names, 'queue-007b', 'paused'].sort());
  const none = {
    ready: 0,
    scheduled: 0,
    running: 0,
    dead: 0,
    oldest_ready_seconds: null,
    paused: false,
    trouble: [],
  };
  assert.deepEqual(queues[listed.indexOf('queue-123')], { queue: 'queue-123', ...none, parked: 1 });
  assert.deepEqual(queues[listed.indexOf('paused')], {
    queue: 'paused',
    ...none,
    paused: true,
    parked: 0,
    trouble: ['paused'],
  });
  assert.equal(queues[listed.indexOf('queue-007b')].ready, 1);
  const { as_of: _, ...one } = (await ask('GET', '/queues/queue-123')).json;
  assert.deepEqual(one, { queue: 'queue-123', ...none, parked: 1 });
  stop.abort();
  await until(() => service.parked() === 0);
  assert.deepEqual(await pop('queue-123'), []);
});

test('oldest_ready_seconds counts since the job became ready, not since its push', async () => {
  const { ask, push, pop, onLease, sql } = { ...ready, ...queueClient(ready) };
  const age = async (queue: string) => (await ask('GET', `/queues/${queue}`)).json.oldest_ready_seconds;
  /** As if everything had happened an hour earlier. */
  const anHourPasses = (queue: string) => sql`
    update jobs
    set
      queued_at = queued_at - interval '1 hour',
      ready_since = ready_since - interval '1 hour',
      run_at = run_at - interval '1 hour'
    where queue = ${queue}`;
  const popOne = async (queue: string, body = {}) => (await pop(queue, body))[0]?.lease ?? '';

  const ways: Record<string, (queue: string) => Promise<unknown>> = {
    delayed: async (queue) => {
      await push(queue, { job: 1, delay_seconds: 3600.2 });
      await anHourPasses(queue);
    },
    'failed with backoff': async (queue) => {
      await push(queue);
      const lease = await popOne(queue);
      await anHourPasses(queue);
      await onLease(lease, 'fail', { delay_seconds: 0.1 });
    },
    'failed at once': async (queue) => {
      await push(queue);
      const lease = await popOne(queue);
      await anHourPasses(queue);
      await onLease(lease, 'fail', { delay_seconds: 0 });
    },
    released: async (queue) => {
      await push(queue);
      const lease = await popOne(queue);
      await anHourPasses(queue);
      await onLease(lease, 'release');
    },
    redriven: async (queue) => {
      await push(queue);
      await onLease(await popOne(queue), 'fail', { retry: false });
      await sql`update dead_jobs set queued_at = queued_at - interval '1 hour' where queue = ${queue}`;
      await ask('POST', `/queues/${queue}/redrive`);
    },
    'with a lease that ran out': async (queue) => {
      await push(queue);
      await popOne(queue);
      await anHourPasses(queue);
      await sql`update jobs set lease_expires_at = clock_timestamp() - interval '1 day' where queue = ${queue}`;
    },
    requeued: async (queue) => {
      await push(queue);
      await popOne(queue, { worker_id: 'crashed' });
      await anHourPasses(queue);
      await ask('POST', '/workers/crashed/requeue');
    },
  };
  await Promise.all(
    Object.entries(ways).map(async ([name, make], at) => {
      const queue = `back-${at}`;
      await make(queue);
      await until(async () => (await age(queue)) !== null);
      const since = await age(queue);
      assert.ok(since >= 0 && since < 60, `${name}: ${since}`);
      await anHourPasses(queue);
      assert.ok((await age(queue)) >= 3600, `${name}: an hour later`);
    }),
  );
});

test('oldest_ready_seconds is of the job that has been ready for longest, before or behind those that came back', async () => {
  const { ask, sql } = ready;
  const age = async (queue: string) =>
    Math.round((await ask('GET', `/queues/${queue}`)).json.oldest_ready_seconds);
  await sql`
    insert into jobs (queue, priority, job, queued_at, ready_since)
    select queue, priority, '1', clock_timestamp() - pushed * interval '1 s', clock_timestamp() - since * interval '1 s'
    from (values
      ('pushed', 0, 5000, 20), ('pushed', 5, 600, null), ('pushed', 5, 500, 300), ('pushed', 0, 400, null),
      ('came back', 0, 5000, 800), ('came back', 0, 400, null), ('came back', 1, 300, null)
    ) as job (queue, priority, pushed, since)`;
  assert.equal(await age('pushed'), 600);
  assert.equal(await age('came back'), 800);
});

test('figures may be as old as a request allows, and a count that runs serves it', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  let counted = 0;
  const figures = new SharedFigures(async () => ({ as_of: `${++counted}`, queues: [] }));
  await figures.read();
  now = 2000;
  assert.equal((await figures.read(2000)).as_of, '1');
  now = 2001;
  const both = await Promise.all([figures.read(2000), figures.read(2000)]);
  assert.deepEqual(
    both.map(({ as_of }) => as_of),
    ['2', '2'],
  );
});

test('503: the database is away', async () => {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  const { ask } = await startTestService({}, { ...database, url: proxy.url });
  assert.equal((await ask('GET', '/queues')).status, 200);
  proxy.cut();
  const { status, json } = await ask('GET', '/queues');
  assert.equal(status, 503);
  assert.equal(json.code, 'database_unavailable');
  proxy.open();
  await until(async () => (await ask('GET', '/queues/q')).status === 200);
});
