import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrape } from '../support/metrics.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService();
const { ask, sql } = service;

test('readers of lists, streams, counts and figures that get no answer do not delay others', async () => {
  const paths = [
    '/queues/q/jobs?state=dead',
    '/queues',
    '/queues/q',
    '/hashes/size',
    '/hashes?limit=5',
    '/alias-access?older_than=2030-01-01T00:00:00Z',
    '/variant-access?older_than=2030-01-01T00:00:00Z',
  ];
  let reading: ReturnType<typeof ask>[] = [];
  await sql.begin(async (rival) => {
    await rival`lock table dead_jobs, hashes, alias_accesses, variant_accesses`;
    reading = paths.flatMap((path) => Array.from({ length: 6 }, () => ask('GET', path)));
    await until(async () => {
      const [row] = await rival<{ waiting: number }[]>`
        select count(*)::integer as waiting
        from pg_locks
        where not granted and database = (select oid from pg_database where datname = current_database())`;
      return (row?.waiting ?? 0) >= 2;
    });
    const from = performance.now();
    assert.equal((await ask('POST', '/queues/q/jobs', { job: 1 })).status, 201);
    const took = performance.now() - from;
    assert.ok(took < 5000, `${took} ms, where a statement waits ten seconds for its turn`);
  });
  for (const { status } of await Promise.all(reading)) assert.equal(status, 200);
});

test('bulk reads whose clients go away leave the line', async () => {
  const paths = [
    '/hashes',
    '/hashes/size',
    '/hashes/page',
    '/hashes/page?format=jpeg',
    '/aliases?owner=nobody',
    '/queues/q/jobs',
    '/alias-access?older_than=2030-01-01T00:00:00Z',
    '/variant-access?older_than=2030-01-01T00:00:00Z',
  ];
  const waiting = async () => (await scrape(service.base)).get('pict_repo_pool_requests_waiting');
  let staying: ReturnType<typeof ask>[] = [];
  await sql.begin(async (rival) => {
    await rival`lock table hashes`;
    staying = [ask('GET', '/hashes?limit=1'), ask('GET', '/hashes?limit=2')];
    await until(async () => (await waiting()) === 1);
    const leaving = new AbortController();
    const { signal } = leaving;
    const left = paths.flatMap((path) =>
      Array.from({ length: 5 }, () => fetch(`${service.base}/v1${path}`, { signal })),
    );
    await until(async () => (await waiting()) === 1 + left.length);
    leaving.abort();
    const ends = await Promise.allSettled(left);
    assert.ok(ends.every(({ status }) => status === 'rejected'));
    await until(async () => (await waiting()) === 1);
  });
  for (const { status } of await Promise.all(staying)) assert.equal(status, 200);
});
