import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, test } from 'node:test';
import { MAX_SCANNED } from '../../src/repos/queue/sql/scan-jobs.js';
import { queueClient } from '../support/queue-client.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

const service = await startTestService();
const { ask, push, pop, onLease, sql } = { ...service, ...queueClient(service) };

interface Found {
  jobs: { id: string; queue: string; state: string; job: unknown; [name: string]: unknown }[];
  next?: string;
}

/** What a search answers on all its pages. */
async function search(path: string, limit = 100): Promise<Found['jobs']> {
  const jobs: Found['jobs'] = [];
  let after = '';
  for (let pages = 0; pages < 100; pages++) {
    const mark = path.includes('?') ? '&' : '?';
    const page: Found = (await ask('GET', `${path}${mark}limit=${limit}${after && `&after=${after}`}`)).json;
    jobs.push(...page.jobs);
    if (page.next === undefined) return jobs;
    after = encodeURIComponent(page.next);
  }
  throw new Error('a search does not end');
}

const texts = (jobs: Found['jobs']) => jobs.map(({ job }) => job);

before(async () => {
  for (const queue of ['alpha', 'beta']) {
    await push(queue, { job: `${queue} dead`, unique_key: 'old' });
    const [dead] = await pop(queue);
    await onLease(dead?.lease ?? '', 'fail', { retry: false, error: `No such File: ${queue}` });
    await push(queue, { job: `${queue} running`, unique_key: 'run' });
    await pop(queue, { worker_id: `worker of ${queue}` });
    await push(queue, { job: `${queue} late`, priority: 5 });
    await push(queue, { job: `${queue} first`, priority: -5, unique_key: 'first' });
    await push(queue, { job: `${queue} scheduled`, delay_seconds: 900 });
  }
});

test('find: part by part, by queue, and ready jobs in the order in which they are handed out', async () => {
  const expected = [
    ['alpha running', 'beta running'],
    ['alpha first', 'alpha late', 'beta first', 'beta late'],
    ['alpha scheduled', 'beta scheduled'],
    ['alpha dead', 'beta dead'],
  ].flat();
  for (const limit of [1, 3, 100]) assert.deepEqual(texts(await search('/jobs', limit)), expected);
  assert.deepEqual(texts(await search('/jobs?queue=beta&state=ready', 1)), ['beta first', 'beta late']);
  assert.deepEqual(texts(await search('/jobs?queue=nobody')), []);
});

test('find: by worker, unique key and a part of the error, in all queues or in one', async () => {
  const found = async (query: string) => texts(await search(`/jobs?${query}`, 1));
  assert.deepEqual(await found('worker=worker+of+beta'), ['beta running']);
  assert.deepEqual(await found('worker=worker+of+beta&queue=alpha'), []);
  assert.deepEqual(await found('worker=worker+of+beta&state=ready'), []);
  assert.deepEqual(await found('unique_key=first'), ['alpha first', 'beta first']);
  assert.deepEqual(await found('unique_key=first&queue=beta'), ['beta first']);
  assert.deepEqual(await found('unique_key=first&state=running'), []);
  assert.deepEqual(await found('unique_key=old'), ['alpha dead', 'beta dead']);
  assert.deepEqual(await found('unique_key=run&worker=worker+of+alpha'), ['alpha running']);
  assert.deepEqual(await found('error=such+file'), ['alpha dead', 'beta dead']);
  assert.deepEqual(await found('error=FILE:+beta&state=dead'), ['beta dead']);
  assert.deepEqual(await found('error=%25'), []);
});

test('jobs: the same filters within a queue, and only there', async () => {
  assert.deepEqual(texts(await search('/queues/alpha/jobs?error=file&state=dead')), ['alpha dead']);
  assert.deepEqual(texts(await search('/queues/alpha/jobs?worker=worker+of+alpha')), ['alpha running']);
  assert.deepEqual(texts(await search('/queues/alpha/jobs?worker=worker+of+beta')), []);
});

test('a search looks at a bounded number of jobs at a time, and goes on behind them', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select
      gen_random_uuid(), 'many', to_json(n), 0, now(), 1, 1, 1,
      case when n = ${MAX_SCANNED} + 10 then 'the needle' else 'hay' end
    from generate_series(1, ${MAX_SCANNED} + 20) as n`;
  const first: Found = (await ask('GET', '/jobs?queue=many&error=needle')).json;
  assert.deepEqual(first.jobs, []);
  assert.ok(first.next);
  const second: Found = (await ask('GET', `/jobs?queue=many&error=needle&after=${first.next}`)).json;
  assert.deepEqual(texts(second.jobs), [MAX_SCANNED + 10]);
  assert.equal(second.next, undefined);
  assert.equal((await search('/jobs?queue=many', 1000)).length, MAX_SCANNED + 20);
});

test('jobs: the dead ones of a queue with the newest first, page by page, also where they are searched', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select
      gen_random_uuid(), queue, to_json(n), 0, now(), 1, 1, 1,
      case when n % 3 = 0 then 'third' when n = 5 then 'the needle' end
    from generate_series(1, ${MAX_SCANNED} + 20) as n, unnest(array['newest', 'newest too']) as queue
    where n <= 7 or queue = 'newest too'
    order by n`;
  const newest = '/queues/newest/jobs?state=dead&order=newest';
  for (const limit of [1, 3, 7, 100])
    assert.deepEqual(texts(await search(newest, limit)), [7, 6, 5, 4, 3, 2, 1], `${limit}`);
  assert.deepEqual(texts(await search(`${newest}&error=third`, 1)), [6, 3]);
  assert.deepEqual(texts(await search(`${newest}&payload=4`, 1)), [4]);
  assert.deepEqual(texts(await search('/queues/newest/jobs?state=dead')), [1, 2, 3, 4, 5, 6, 7]);

  const many = '/queues/newest%20too/jobs?state=dead&order=newest';
  const first: Found = (await ask('GET', `${many}&error=needle`)).json;
  assert.deepEqual(first.jobs, []);
  assert.ok(first.next);
  assert.deepEqual(texts((await ask('GET', `${many}&error=needle&after=${first.next}`)).json.jobs), [5]);
  assert.equal((await search(many, 1000)).length, MAX_SCANNED + 20);

  assertProblem(await ask('GET', `${newest}&after=3`), 400, 'invalid_request');
  const { next: place } = (await ask('GET', `${newest}&limit=1`)).json;
  const { next: older } = (await ask('GET', '/queues/newest/jobs?state=dead&error=third&limit=1')).json;
  for (const path of [many, '/queues/newest/jobs?state=dead', '/jobs?state=dead'])
    assertProblem(await ask('GET', `${path}&after=${place}`), 400, 'invalid_request');
  assertProblem(await ask('GET', `${newest}&after=${older}`), 400, 'invalid_request');
  assertProblem(await ask('GET', '/queues/newest/jobs?state=ready&order=newest'), 400, 'invalid_request');
  assertProblem(await ask('GET', '/queues/newest/jobs?order=newest'), 400, 'invalid_request');
});

test('find: by a part of the payload, in whatever state, together with other filters', async () => {
  const found = async (query: string) => texts(await search(`/jobs?${query}`, 1));
  const all = ['running', 'first', 'late', 'scheduled', 'dead'].map((state) => `alpha ${state}`);
  assert.deepEqual(await found('payload=ALPHA'), all);
  assert.deepEqual(await found('payload=alpha&error=such+file'), ['alpha dead']);
  assert.deepEqual(await found('payload=first&unique_key=first&queue=beta'), ['beta first']);
  assert.deepEqual(await found('payload=alpha&state=scheduled'), ['alpha scheduled']);
  assert.deepEqual(await found('payload=alpha&queue=beta'), []);
  assert.deepEqual(await found('payload=a%25'), []);
  assert.deepEqual(texts(await search('/queues/beta/jobs?payload=%22beta+late%22')), ['beta late']);
  const { json } = await ask('POST', '/jobs/remove', {
    match: { payload: 'alpha l', state: 'ready' },
    dry_run: true,
  });
  assert.deepEqual([json.matched, json.more], [1, false]);
});

test('a search of payloads reads 8 MiB of them at a time, as they are stored', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
    select gen_random_uuid(), 'long', to_json(text), 0, now(), 1, 1, 1
    from
      (select string_agg(md5(m::text), '') as text from generate_series(1, 7500) as m) as incompressible,
      generate_series(1, 50)`;
  const first: Found = (await ask('GET', '/jobs?queue=long&payload=nothing')).json;
  assert.deepEqual(first.jobs, []);
  assert.ok(first.next);
  const second = (await ask('GET', `/jobs?queue=long&payload=nothing&after=${first.next}`)).json;
  assert.deepEqual(second, { jobs: [] });
});

test('errors: of what the newest dead jobs died, the newest first, with their number', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select gen_random_uuid(), 'died', '1', 0, now(), 1, 1, 1, case when n <= 400 then 'old' when n % 4 = 0 then 'often' end
    from generate_series(1, 1400) as n`;
  const { json } = await ask('GET', '/queues/died/errors');
  assert.deepEqual([json.looked_at, json.more], [1000, true]);
  assert.deepEqual(
    json.errors.map(({ error, jobs }: Record<string, unknown>) => [error, jobs]),
    [
      ['often', 250],
      [null, 750],
    ],
  );
  const { id, died_at } = json.errors[0].newest;
  const job = (await ask('GET', `/jobs/${id}`)).json;
  assert.deepEqual([job.last_error, job.died_at], ['often', died_at]);
  assert.deepEqual((await ask('GET', '/queues/alpha/errors')).json.errors.length, 1);
  assert.deepEqual((await ask('GET', '/queues/nobody/errors')).json, {
    different: 0,
    looked_at: 0,
    more: false,
    errors: [],
  });
});

test('a page ends at 1 MiB, and the next one goes on', async () => {
  for (let n = 0; n < 6; n++) await push('heavy', { job: `${n}${'x'.repeat(250_000)}` });
  const page = await ask('GET', '/jobs?queue=heavy');
  assert.equal(page.json.jobs.length, 4);
  assert.equal((await search('/jobs?queue=heavy')).length, 6);
});

test('a job shows its times, its worker and its last sign, and never its lease', async () => {
  const { id } = await push('times', { job: 1, max_run_seconds: 600 });
  const ready = (await ask('GET', `/jobs/${id}`)).json;
  assert.equal(ready.ready_since, ready.queued_at);
  const [job] = await pop('times', { worker_id: 'clock' });
  const begun = (await ask('GET', `/jobs/${id}`)).json;
  assert.equal(begun.worker_id, 'clock');
  assert.equal(begun.ready_since, undefined);
  assert.equal(begun.last_heartbeat_at, begun.running_since);
  assert.ok(begun.run_ends_at > begun.lease_expires_at);
  await onLease(job?.lease ?? '', 'heartbeat');
  const alive = (await ask('GET', `/jobs/${id}`)).json;
  assert.ok(alive.last_heartbeat_at > begun.running_since);
  assert.equal(alive.running_since, begun.running_since);
  assert.ok(!JSON.stringify(alive).includes(job?.lease ?? ''));
  await onLease(job?.lease ?? '', 'release');
  const [again] = await pop('times', { worker_id: 'clock' });
  const anew = (await ask('GET', `/jobs/${id}`)).json;
  assert.equal(anew.last_heartbeat_at, anew.running_since, 'the heartbeat of the run before does not count');
  await onLease(again?.lease ?? '', 'complete');
});

test('workers: what each runs, in pages; a worker with its jobs', async () => {
  for (const queue of ['w-1', 'w-2', 'w-2']) await push(queue);
  await pop('w-1', { worker_id: 'crew-1' });
  const [job] = await pop('w-2', { worker_id: 'crew-1' });
  await pop('w-2', { worker_id: 'Crew-2' });
  const { workers } = (await ask('GET', '/workers?search=CREW')).json;
  assert.deepEqual(
    workers.map(({ worker_id, running, queues }: Record<string, unknown>) => [worker_id, running, queues]),
    [
      ['Crew-2', 1, ['w-2']],
      ['crew-1', 2, ['w-1', 'w-2']],
    ],
  );
  const [, crew] = workers;
  assert.ok(crew.running_since < crew.last_heartbeat_at && crew.last_heartbeat_at < crew.lease_expires_at);
  const first = (await ask('GET', '/workers?search=crew&limit=1')).json;
  assert.equal(first.next, 'Crew-2');
  const second = (await ask('GET', `/workers?search=crew&limit=1&after=${first.next}`)).json;
  assert.deepEqual([second.workers[0].worker_id, second.next], ['crew-1', undefined]);
  assert.equal((await ask('GET', '/workers?queue=w-1')).json.workers[0].running, 1);

  const { jobs, next, ...head } = (await ask('GET', '/workers/crew-1?limit=1')).json;
  assert.deepEqual(head, crew);
  const rest = (await ask('GET', `/workers/crew-1?after=${next}`)).json;
  assert.deepEqual([jobs[0].queue, rest.jobs[0].queue, rest.jobs[0].id], ['w-1', 'w-2', job?.id]);
  assert.deepEqual((await ask('GET', '/workers/nobody')).json, {
    worker_id: 'nobody',
    running: 0,
    queues: [],
    jobs: [],
  });
});

test('400: a cursor that is none, or of another list', async () => {
  for (const path of [
    '/jobs?after=12',
    '/jobs?after=bm90aGluZw',
    '/workers/w?after=1',
    '/queues/alpha/jobs?after=x',
    '/queues/alpha/jobs?error=e&after=12',
    '/jobs?limit=1001',
    '/jobs?state=gone',
    '/jobs?error=',
    '/jobs?payload=',
    '/queues/alpha/jobs?payload=p&after=12',
  ]) {
    assertProblem(await ask('GET', path), 400, 'invalid_request');
  }
  assertProblem(await ask('GET', `/jobs?error=${'e'.repeat(1025)}`), 400, 'error_too_long');
  assertProblem(await ask('GET', `/jobs?payload=${'p'.repeat(2049)}`), 400, 'payload_too_long');
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
