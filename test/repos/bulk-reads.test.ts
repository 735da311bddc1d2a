import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
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

const PAGE_BYTES = 1024 * 1024;
/** What a page's answer holds beside its jobs. */
const AROUND = 300 * 1024;

for (const [what, job] of [
  ['that cannot be compressed', () => randomBytes(100 * 1024).toString('hex')],
  ['that compress well', () => 'x'.repeat(200 * 1024)],
] as const) {
  test(`a page of large jobs ${what} holds 1 MiB of them, and the next one goes on`, async () => {
    const queue = `large ${what}`.replaceAll(' ', '-');
    const jobs = Array.from({ length: 12 }, () => ({ job: job() }));
    const pushed = (await ask('POST', `/queues/${queue}/jobs/batch`, { jobs })).json.jobs;
    const seen: string[] = [];
    let [after, pages] = ['0', 0];
    for (; ; pages++) {
      const { text, json } = await ask('GET', `/queues/${queue}/jobs?limit=1000&after=${after}`);
      assert.ok(text.length <= PAGE_BYTES + AROUND, `${text.length} bytes`);
      seen.push(...json.jobs.map(({ id }: { id: string }) => id));
      if (json.next === undefined) break;
      after = json.next;
    }
    assert.equal(pages, 2);
    assert.deepEqual(
      seen,
      pushed.map(({ id }: { id: string }) => id),
    );
  });
}

test('the errors of dead jobs count towards the size of a page', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select gen_random_uuid(), 'errors', '1', 0, now(), 1, 1, 1, repeat('e', 16384)
    from generate_series(1, 200)`;
  const { text, json } = await ask('GET', '/queues/errors/jobs?state=dead&limit=1000');
  assert.ok(text.length <= PAGE_BYTES + AROUND, `${text.length} bytes`);
  assert.ok(json.jobs.length > 50 && json.next !== undefined);
});

test('a job that is larger than a page is a page', async () => {
  await sql`insert into jobs (queue, job) select 'huge', to_json(repeat('x', 2 * 1024 * 1024)) from generate_series(1, 2)`;
  const first = (await ask('GET', '/queues/huge/jobs')).json;
  assert.equal(first.jobs.length, 1);
  assert.equal((await ask('GET', `/queues/huge/jobs?after=${first.next}`)).json.jobs.length, 1);
});

test('purge: a locked job stays, and the purge does not wait for it', async () => {
  await sql`
    insert into jobs (queue, job, state, run_at)
    select 'held', n::text::json, case when n > 5 then 'scheduled' else 'ready' end,
      case when n > 5 then now() + interval '1 h' end
    from generate_series(1, 10) as n`;
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
    select gen_random_uuid(), 'held', n::text::json, 0, now(), 1, 1, 1
    from generate_series(1, 3) as n`;
  await sql.begin(async (rival) => {
    for (const n of ['2', '7']) {
      await rival`select from jobs where queue = 'held' and job::text = ${n} for update`;
    }
    await rival`select from dead_jobs where queue = 'held' and job::text = '2' for update`;
    assert.deepEqual((await ask('POST', '/queues/held/purge?which=waiting')).json, { purged: 8 });
    assert.deepEqual((await ask('POST', '/queues/held/purge?which=dead')).json, { purged: 2 });
  });
  assert.deepEqual((await ask('POST', '/queues/held/purge?which=waiting')).json, { purged: 2 });
  assert.deepEqual((await ask('POST', '/queues/held/purge?which=dead')).json, { purged: 1 });
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
