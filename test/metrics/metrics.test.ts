import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { JOB_EVENTS, queueEvents } from '../../src/metrics/queue-events.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { createManyHashes } from '../support/many-hashes.js';
import { Scrape, scrape } from '../support/metrics.js';
import { queueClient } from '../support/queue-client.js';
import { assertProblem, lines, sendRaw } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const requests = (of: Scrape, operation: string, status = '2xx', method = 'POST'): number =>
  of.get('pict_repo_http_request_duration_seconds_count', { operation, method, status });
/** A scrape is thousands of values. */
const SCRAPE_PAUSE_MS = 100;
const happened = (of: Scrape, event: string): number => of.get('pict_repo_jobs_total', { event });

/** For tests in which it does not matter what else is counted. */
const shared = await startTestService();

test('a job is counted from its push to its end', async () => {
  const service = await startTestService();
  const { base, ask } = service;
  const { push, pop, onLease } = queueClient(service);
  await push('a "queue"');
  await push('a "queue"');
  await push('a "queue"', { job: 3, delay_seconds: 1000 });
  const [first, second] = await pop('a "queue"', { max: 2 });
  const during = await scrape(base);
  const jobs = (state: string) => during.get('pict_repo_queue_jobs', { queue: 'a "queue"', state });
  assert.deepEqual(['ready', 'scheduled', 'running', 'dead'].map(jobs), [0, 1, 2, 0]);
  assert.equal(during.get('pict_repo_queue_figures_up'), 1);
  assert.equal(during.get('pict_repo_queues'), 1);

  await onLease(first?.lease ?? '', 'heartbeat');
  await onLease(first?.lease ?? '', 'complete');
  await onLease(first?.lease ?? '', 'complete');
  await onLease(second?.lease ?? '', 'release');
  const [again] = await pop('a "queue"');
  await onLease(again?.lease ?? '', 'fail', { retry: false });
  await ask('POST', '/queues/x/jobs', { nonsense: 1 });

  const after = await scrape(base);
  assert.deepEqual(
    ['pushed', 'popped', 'completed', 'failed', 'released'].map((event) => happened(after, event)),
    [3, 3, 1, 1, 1],
  );
  assert.equal(requests(after, 'queue.push'), 3);
  assert.equal(requests(after, 'queue.push', '4xx'), 1);
  assert.equal(requests(after, 'queue.complete'), 1);
  assert.equal(requests(after, 'queue.complete', '4xx'), 1);
  const batches = (kind: string) => after.get('pict_repo_queue_batch_size_count', { kind });
  assert.deepEqual(['push', 'pop', 'complete', 'end', 'heartbeat'].map(batches), [3, 2, 2, 2, 1]);
  assert.equal(after.get('pict_repo_queue_batch_size_sum', { kind: 'pop' }), 3);
  assert.equal(after.get('pict_repo_pool_connections_max'), 10);
  assert.ok(after.get('process_cpu_seconds_total') > 0);
  assert.equal(after.seriesOf('pict_repo_build_info').length, 1);
});

test('every event of a job is counted, in total and by queue, and so are waiting pops', async () => {
  const service = await startTestService();
  const { ask, sql } = service;
  const { push, pop, onLease } = queueClient(service);
  const one = async (queue: string, body = {}) => (await pop(queue, body))[0]?.lease ?? '';
  await push('a', { job: 1, unique_key: 'k' });
  await push('a', { job: 2, unique_key: 'k' });
  await onLease(await one('a'), 'fail', { retry: false });
  await ask('POST', '/queues/a/redrive');
  await one('a', { worker_id: 'crashed' });
  await ask('POST', '/workers/crashed/requeue');
  // Completed with a pop of another queue.
  await pop('b', { completed: [await one('a')] });

  await push('b', { job: 1, max_attempts: 1 });
  await one('b');
  // Longer ago than the service is there, so that there is no grace.
  await sql`update jobs set lease_expires_at = clock_timestamp() - interval '1 day' where queue = 'b'`;
  await until(async () => happened(await scrape(service.base), 'expired') === 1, 20, SCRAPE_PAUSE_MS);
  await ask('POST', '/queues/b/purge?which=dead');
  const { id } = await push('b');
  await ask('DELETE', `/jobs/${id}`);
  await ask('DELETE', `/jobs/${id}`);
  const running = await push('b');
  const lease = await one('b');
  await ask('DELETE', `/jobs/${running.id}`);
  await onLease(lease, 'release');
  const waiting = pop('c', { wait_seconds: 20 });
  await until(() => service.parked() === 1);
  assert.equal((await scrape(service.base)).get('pict_repo_parked_polls'), 1);
  await push('c');
  await waiting;
  await ask('PUT', '/hashes/ab', { identifier: 'file' });
  await ask('DELETE', '/hashes/ab?enqueue=c');

  const all = await scrape(service.base);
  const expected: Record<string, Record<string, number>> = {
    a: { pushed: 1, deduplicated: 1, popped: 3, failed: 1, died: 1, redriven: 1, requeued: 1, completed: 1 },
    b: { pushed: 3, popped: 2, expired: 1, died: 1, purged: 1, cancelled: 2, released: 1 },
    c: { pushed: 2, popped: 1 },
  };
  const counted: typeof expected = {};
  for (const [queue, events] of Object.entries(expected)) {
    const series = all
      .seriesOf('pict_repo_queue_events_total')
      .filter((key) => key.includes(`queue="${queue}"`));
    assert.equal(series.length, Object.keys(events).length, series.join());
    counted[queue] = Object.fromEntries(
      Object.keys(events).map((event) => [event, all.get('pict_repo_queue_events_total', { queue, event })]),
    );
  }
  assert.deepEqual(counted, expected);
  assert.deepEqual(
    ['pushed', 'popped', 'died', 'cancelled', 'discarded'].map((event) => happened(all, event)),
    [6, 6, 2, 2, 0],
  );
  assert.equal(
    all.seriesOf('pict_repo_jobs_total').length,
    JOB_EVENTS.length,
    'those that did not happen are 0',
  );
  assert.equal(all.get('pict_repo_job_wait_seconds_count'), 6);
  // All but the one that c delivered directly, which still runs.
  assert.equal(all.get('pict_repo_job_run_seconds_count'), 5);
  assert.ok(all.get('pict_repo_job_run_seconds_sum') < 60);
});

test('the events of 10,000 queues make a bounded number of series, and those of idle queues make room', async (t) => {
  const registry = new Registry();
  const observer = queueEvents(registry);
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  for (let n = 0; n < 10_000; n++) observer.jobs('pushed', `queue-${n}`, 1);
  const series = async () => new Scrape(await registry.metrics());
  const full = await series();
  assert.equal(full.seriesOf('pict_repo_queue_events_total').length, 101);
  assert.equal(full.get('pict_repo_queue_events_total', { queue: '', event: 'pushed' }), 9900);
  now += 16 * 60_000;
  observer.jobs('pushed', 'queue-0', 1);
  observer.jobs('died', 'late', 1);
  const later = await series();
  assert.equal(later.seriesOf('pict_repo_queue_events_total').length, 101);
  assert.equal(later.get('pict_repo_queue_events_total', { queue: 'queue-0', event: 'pushed' }), 2);
  assert.equal(later.get('pict_repo_queue_events_total', { queue: 'late', event: 'died' }), 1);
});

test('streams are counted while they are open, and by their rows', async () => {
  const { base, sql } = shared;
  await createManyHashes(sql, 80_000);
  const open = async () => (await scrape(base)).get('pict_repo_streams_open');
  const stalled = request(`${base}/v1/hashes`).end();
  const [response] = await once(stalled, 'response');
  assert.equal(await open(), 1);
  stalled.destroy();
  response.on('error', () => {});
  await until(async () => (await open()) === 0);

  const rows = async () =>
    (await scrape(base)).get('pict_repo_stream_rows_total', { operation: 'hashes.hashes' });
  const before = await rows();
  assert.ok(before < 80_000, 'all of it was sent to nobody');
  await (await fetch(`${base}/v1/hashes`)).arrayBuffer();
  assert.equal((await rows()) - before, 80_000);
  assert.equal(await open(), 0);
  await fetch(`${base}/v1/hashes`, { method: 'HEAD' });
  assert.equal(await open(), 0);
});

test('whatever is asked for, the number of series is bounded', async () => {
  const { base, ask } = await startTestService();
  await Promise.all(
    Array.from({ length: 10 }, async (_, at) => {
      await fetch(`${base}/nothing/${at}`);
      await ask('GET', `/settings/key-${at}`);
      await ask('POST', `/queues/queue-${at}/pop`, { worker_id: `w${at}`, wait_seconds: 0 });
    }),
  );
  const all = await scrape(base);
  assert.equal(requests(all, 'none', '4xx', 'GET'), 10);
  assert.equal(requests(all, 'settings.get', '4xx', 'GET'), 10);
  assert.equal(all.seriesOf('pict_repo_http_request_duration_seconds_count').length, 3);
});

test('of many queues those with dead or old jobs are shown first, then those with most jobs; totals include all', async () => {
  const { base, sql } = await startTestService();
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
    select gen_random_uuid(), 'dead-' || n, '1', 0, clock_timestamp(), 1, 1, 1
    from generate_series(1, 70) as n`;
  await sql`
    insert into jobs (queue, job, queued_at)
    select 'old-' || n, '1', clock_timestamp() - interval '1 hour' - n * interval '1 s'
    from generate_series(1, 20) as n`;
  await sql`
    insert into jobs (queue, job)
    select 'queue-' || n, '1'
    from generate_series(1, 150) as n, generate_series(1, greatest(n - 135, 1))`;
  const all = await scrape(base);
  assert.equal(all.get('pict_repo_queues'), 240);
  assert.equal(all.get('pict_repo_queues_jobs', { state: 'ready' }), 20 + 135 + (15 * 16) / 2);
  assert.equal(all.get('pict_repo_queues_jobs', { state: 'dead' }), 70);
  assert.equal(Math.floor(all.get('pict_repo_queues_oldest_ready_seconds') / 10), 362);
  const shown = (name: string) =>
    all.seriesOf('pict_repo_queue_paused').filter((key) => key.includes(name)).length;
  assert.deepEqual(['"dead-', '"old-', '"queue-'].map(shown), [70, 20, 10]);
  assert.equal(all.seriesOf('pict_repo_queue_oldest_ready_seconds').length, 100);
  assert.equal(all.get('pict_repo_queue_jobs', { queue: 'queue-150', state: 'ready' }), 15);
  assert.equal(all.seriesOf('pict_repo_queue_jobs').filter((key) => key.includes('"queue-140"')).length, 0);
});

test('without a database, or with one that hangs, only the figures of the queues are missing', async () => {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  const { base, ask } = await startTestService({}, { ...database, url: proxy.url });
  proxy.silence();
  const from = performance.now();
  const hung = await scrape(base);
  assert.ok(performance.now() - from < 4000, 'a scrape has ten seconds');
  assert.equal(hung.get('pict_repo_queue_figures_up'), 0);
  assert.ok(hung.get('process_cpu_seconds_total') > 0);
  proxy.cut();
  await until(async () => {
    const gone = await scrape(base);
    return gone.get('pict_repo_queue_figures_up') === 0 && gone.seriesOf('pict_repo_queue_jobs').length === 0;
  });
  proxy.open();
  await until(async () => (await ask('POST', '/queues/a/jobs', { job: 1 })).status === 201);
  await until(async () => (await scrape(base)).get('pict_repo_queue_figures_up') === 1);
});

test('METRICS_PORT: metrics are on that port only, for no foreign Host, until the service has closed', async () => {
  const {
    base,
    metricsBase = '',
    close,
  } = await startTestService({
    METRICS_PORT: '0',
    SHUTDOWN_DELAY_SECONDS: '1',
  });
  assertProblem(
    await sendRaw(base, lines('GET /metrics HTTP/1.1', 'Host: localhost')),
    404,
    'route_not_found',
  );
  assertProblem(
    await sendRaw(metricsBase, lines('GET /metrics HTTP/1.1', 'Host: evil.example')),
    421,
    'misdirected_request',
  );
  assert.equal((await fetch(`${metricsBase}/livez`)).status, 404);
  assert.equal((await fetch(`${metricsBase}/metrics`, { method: 'POST' })).status, 405);
  assert.equal((await scrape(metricsBase)).get('pict_repo_draining'), 0);
  const closed = close();
  assert.equal((await scrape(metricsBase)).get('pict_repo_draining'), 1);
  await closed;
  await assert.rejects(scrape(metricsBase));
});

test('every metric that ops/ uses is exposed, and every one of ours is used', async () => {
  const { push, pop } = queueClient(shared);
  await push('a');
  await pop('a');
  await shared.ask('GET', '/blocked-hashes');
  const { names } = await scrape(shared.base);
  const folder = new URL('../../../ops/', import.meta.url);
  const used = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    for (const [name] of text.matchAll(/\b(pict_repo|process|nodejs)_[a-z_]*[a-z]\b/g)) {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      used.add(names.has(name) ? name : base);
    }
  }
  assert.deepEqual(
    [...used].filter((name) => !names.has(name)),
    [],
  );
  const ours = [...names].filter((name) => name.startsWith('pict_repo_'));
  assert.deepEqual(
    ours.filter((name) => !used.has(name)),
    [],
  );
});
