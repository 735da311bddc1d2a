import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidv7 } from '../../src/uuid.js';
import { createDatabase } from '../support/database.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' }, await createDatabase());
const { ask, sql } = service;

const push = async (queue: string, body: object = { job: 1 }) =>
  (await ask('POST', `/queues/${queue}/jobs`, body)).json as { id: string };
const pop = async (queue: string, body: object = {}) =>
  (await ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', wait_seconds: 0, ...body })).json.jobs;
const onLease = (lease: string, verb: string, body?: object) => ask('POST', `/leases/${lease}/${verb}`, body);

/** What each verb must not do with a lease that is lost. */
const verbs = ['complete', 'fail', 'release', 'heartbeat'];

test('fail: scheduled with backoff, one attempt more, the error kept', async () => {
  const { id } = await push('fail');
  const [first] = await pop('fail');
  const failed = await onLease(first.lease, 'fail', { error: 'no such file' });
  assert.equal(failed.status, 200);
  assert.equal(failed.json.state, 'scheduled');
  assert.equal(failed.json.attempts, 1);
  assert.ok(Date.parse(failed.json.run_at) <= Date.now() + 2000);
  assert.equal((await ask('GET', `/jobs/${id}`)).json.last_error, 'no such file');
  const [second] = await pop('fail', { wait_seconds: 20 });
  assert.equal(second.attempt, 2);
  assert.ok(second.lease.startsWith(`${id}.2.`), second.lease);
});

test('fail: delay_seconds 0 is ready at once and wakes a parked poll', async () => {
  await push('fail-now');
  const [job] = await pop('fail-now');
  const parked = pop('fail-now', { worker_id: 'other', wait_seconds: 20 });
  await until(() => service.parked() === 1);
  assert.equal((await onLease(job.lease, 'fail', { delay_seconds: 0 })).json.state, 'ready');
  assert.equal((await parked)[0].attempt, 2);
});

test('fail: dead when the attempts are used up, or when retry is false', async () => {
  const once = await push('fatal', { job: 1, max_attempts: 1 });
  const never = await push('fatal', { job: 2, max_attempts: 9 });
  const [a, b] = await pop('fatal', { max: 2 });
  assert.deepEqual((await onLease(a.lease, 'fail', { error: 'first' })).json, { state: 'dead', attempts: 1 });
  assert.deepEqual((await onLease(b.lease, 'fail', { retry: false })).json, { state: 'dead', attempts: 1 });
  const { jobs } = (await ask('GET', '/queues/fatal/jobs?state=dead')).json;
  assert.deepEqual(
    jobs.map(({ id, last_error }: { id: string; last_error?: string }) => [id, last_error]),
    [
      [once.id, 'first'],
      [never.id, undefined],
    ],
  );
});

test('fail: 400 for a delay where retry is false, and the job runs on', async () => {
  await push('contradiction', { job: 1 });
  const [job] = await pop('contradiction');
  const { status, json } = await onLease(job.lease, 'fail', { retry: false, delay_seconds: 0 });
  assert.deepEqual([status, json.code, json.errors[0].path], [400, 'invalid_request', '/body']);
  assert.match(json.detail, /no delay_seconds where retry is false/);
  assert.equal(
    (await onLease(job.lease, 'fail', { retry: true, delay_seconds: 60 })).json.state,
    'scheduled',
  );
});

test('release: ready at once, no attempt counted, and a parked poll gets it', async () => {
  await push('release');
  const [job] = await pop('release');
  const parked = pop('release', { worker_id: 'other', wait_seconds: 20 });
  await until(() => service.parked() === 1);
  const released = await onLease(job.lease, 'release');
  assert.deepEqual([released.status, released.json], [200, { state: 'ready' }]);
  const [again] = await parked;
  assert.equal(again.attempt, 1);
  assert.ok(again.lease.startsWith(`${job.id}.2.`), again.lease);
});

test('release: a job that is released every time is dead after 10 × max_attempts hand-outs, with an error that says so', async () => {
  const { id } = await push('carousel', { job: 1, max_attempts: 1 });
  const states: string[] = [];
  for (let claims = 1; claims <= 10; claims++) {
    const [job] = await pop('carousel');
    assert.ok(job.lease.startsWith(`${id}.${claims}.`), job.lease);
    states.push((await onLease(job.lease, 'release')).json.state);
  }
  assert.deepEqual(states, [...Array(9).fill('ready'), 'dead']);
  const { state, attempts, last_error } = (await ask('GET', `/jobs/${id}`)).json;
  assert.deepEqual([state, attempts], ['dead', 0]);
  assert.match(
    last_error,
    /^Given up: it was handed out 10 times and never completed; its max_attempts is 1\.$/,
  );
});

test('fail: if a job was handed out too often, its error says so, and has that of the run', async () => {
  const { id } = await push('worn', { job: 1, max_attempts: 2 });
  await sql`update jobs set claims = 19 where id = ${id}`;
  const [job] = await pop('worn');
  const failed = await onLease(job.lease, 'fail', { error: 'no such file', delay_seconds: 0 });
  assert.deepEqual(failed.json, { state: 'dead', attempts: 1 });
  const { last_error } = (await ask('GET', `/jobs/${id}`)).json;
  assert.match(last_error, /^Given up: it was handed out 20 times .* Its last error: no such file$/);
});

test('redrive: a job has all its attempts and hand-outs again, however often it was redriven', async () => {
  const { id } = await push('lives', { job: 1, max_attempts: 2 });
  await sql`update jobs set claims = 20 where id = ${id}`;
  for (let life = 1; life <= 3; life++) {
    const [first] = await pop('lives');
    if (life > 1) {
      assert.equal((await onLease(first.lease, 'fail', { delay_seconds: 0 })).json.state, 'ready');
      const [second] = await pop('lives');
      await onLease(second.lease, 'fail', { error: 'again' });
    } else await onLease(first.lease, 'fail', { retry: false, error: 'again' });
    const { state, last_error } = (await ask('GET', `/jobs/${id}`)).json;
    assert.deepEqual([state, last_error], ['dead', 'again']);
    assert.deepEqual((await ask('POST', '/queues/lives/redrive')).json, { redriven: 1, skipped: 0 });
  }
  await sql`update jobs set claims = claims_at_redrive + 19 where id = ${id}`;
  const [last] = await pop('lives');
  assert.deepEqual((await onLease(last.lease, 'release')).json, { state: 'dead' });
});

test('heartbeat: extends the lease from now on, by lease_seconds or by its own length', async () => {
  await push('beat', { job: 1, lease_seconds: 100 });
  const [job] = await pop('beat');
  const seconds = (time: string) => Math.round((Date.parse(time) - Date.now()) / 1000);
  const long = await onLease(job.lease, 'heartbeat', { lease_seconds: 5000 });
  assert.ok(Math.abs(seconds(long.json.lease_expires_at) - 5000) <= 5);
  const same = await onLease(job.lease, 'heartbeat');
  assert.ok(Math.abs(seconds(same.json.lease_expires_at) - 100) <= 5);
  assert.equal(same.json.cancel_requested, false);
});

test('heartbeat: without a length extends by that of the pop, which its answer shows, or that of the push', async () => {
  const pushed = { job: 1, lease_seconds: 100 };
  for (const [asked, seconds] of [
    [{ lease_seconds: 7 }, 7],
    [{}, 100],
  ] as const) {
    await push('length', pushed);
    const [claimed] = await pop('length', asked);
    const parked = pop('length', { worker_id: 'other', wait_seconds: 20, ...asked });
    await until(() => service.parked() === 1);
    await push('length', pushed);
    const [delivered] = await parked;
    for (const { lease, lease_seconds } of [claimed, delivered]) {
      assert.equal(lease_seconds, seconds);
      const { lease_expires_at } = (await onLease(lease, 'heartbeat')).json;
      const left = (Date.parse(lease_expires_at) - Date.now()) / 1000;
      assert.ok(Math.abs(left - seconds) <= 5, `${left} s`);
    }
  }
});

test('max_run_seconds: no lease and no heartbeat reaches beyond it, and then the run has failed', async () => {
  const job = { job: 1, max_run_seconds: 2, max_attempts: 1 };
  const parked = pop('limit', { worker_id: 'other', wait_seconds: 20, lease_seconds: 1 });
  await until(() => service.parked() === 1);
  await push('limit', { ...job, id: uuidv7() });
  const [delivered] = await parked;
  await push('limit', job);
  const key = { lease_seconds: 600, idempotency_key: 'k' };
  const [claimed] = await pop('limit', key);
  const [again] = await pop('limit', key);
  assert.deepEqual([claimed.max_run_seconds, claimed.lease_seconds], [2, 600]);
  assert.deepEqual([delivered.max_run_seconds, delivered.lease_seconds], [2, 1]);
  assert.equal(again.lease_expires_at, claimed.lease_expires_at);
  const { id: cancelled } = await push('limit', job);
  const [unwanted] = await pop('limit');
  await ask('DELETE', `/jobs/${cancelled}`);
  const leases = [delivered, claimed, unwanted].map(({ lease }) => lease);
  const ends: string[] = [];
  await until(async () => {
    const { results } = (await ask('POST', '/leases/heartbeat', { leases, lease_seconds: 600 })).json;
    for (const { lease_expires_at } of results) if (lease_expires_at) ends.push(lease_expires_at);
    return results.every(({ outcome }: { outcome: string }) => outcome !== 'extended');
  });
  const last = Date.parse(ends.sort().at(-1) ?? '');
  assert.ok(last <= Date.parse(unwanted.queued_at) + 2500, String(ends.at(-1)));
  for (const { id } of [delivered, claimed]) {
    const { state, attempts, last_error } = (await ask('GET', `/jobs/${id}`)).json;
    assert.deepEqual([state, attempts], ['dead', 1]);
    assert.equal(last_error, 'The job ran longer than 2 s (max_run_seconds).');
  }
  assert.equal((await ask('GET', `/jobs/${cancelled}`)).status, 404);
  assert.equal((await ask('POST', '/queues/limit/redrive')).json.redriven, 2);
  assert.equal((await pop('limit'))[0].max_run_seconds, 2);
});

test('max_run_seconds: applies to each run anew; what an earlier version left in the row does not count', async () => {
  const { id } = await push('anew', { job: 1, max_run_seconds: 100 });
  const [first] = await pop('anew');
  await onLease(first.lease, 'release');
  assert.deepEqual(
    [...(await sql`select run_ends_at, run_lease_seconds from jobs where id = ${id}`)],
    [{ run_ends_at: null, run_lease_seconds: null }],
  );
  await sql`update jobs set run_ends_at = now() - interval '1 hour' where id = ${id}`;
  await sql`
    update jobs
    set state = 'running', worker_id = 'old', claims = 2, lease_expires_at = now() + interval '60 s'
    where id = ${id}`;
  const { json } = await onLease(`${id}.2`, 'heartbeat');
  assert.ok(Date.parse(json.lease_expires_at) > Date.now() + 50_000, json.lease_expires_at);
  await onLease(`${id}.2`, 'release');
  assert.ok(Date.parse((await pop('anew'))[0].lease_expires_at) > Date.now() + 50_000);
});

test('heartbeat: is a heap-only update', async () => {
  await push('hot');
  const [job] = await pop('hot');
  const place = async () => (await sql`select ctid::text from jobs where id = ${job.id}`)[0]?.['ctid'];
  const before = await place();
  await onLease(job.lease, 'heartbeat');
  assert.notEqual(await place(), before);
  await until(async () => {
    await sql`select pg_stat_force_next_flush()`.catch(() => {});
    const rows = await sql`select n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'jobs'`;
    return Number(rows[0]?.['hot']) > 0;
  });
});

for (const verb of verbs) {
  test(`${verb}: 409 lease_lost with where the job is, and nothing changes`, async () => {
    const queue = `lost-${verb}`;
    const { id } = await push(queue);
    const [late] = await pop(queue);
    const lost = async (state: string) => {
      const before = await sql`select * from jobs where id = ${id}`;
      const answer = await onLease(late.lease, verb);
      assert.equal(answer.status, 409);
      assert.deepEqual([answer.json.code, answer.json.state], ['lease_lost', state]);
      assert.deepEqual(await sql`select * from jobs where id = ${id}`, before);
    };
    await onLease(late.lease, 'release');
    await lost('ready');
    const [next] = await pop(queue, { worker_id: 'next' });
    await lost('running');
    await onLease(next.lease, 'fail', { delay_seconds: 1000 });
    await lost('scheduled');
    await sql`update jobs set state = 'ready', run_at = null where id = ${id}`;
    const [last] = await pop(queue);
    await onLease(last.lease, 'fail', { retry: false });
    await lost('dead');
    await ask('DELETE', `/jobs/${id}`);
    await lost('gone');
  });
}

test('of complete, fail and release at once, exactly one wins', async () => {
  for (let round = 0; round < 20; round++) {
    await push('duel');
    const [job] = await pop('duel', { wait_seconds: 20 });
    const answers = await Promise.all(
      ['complete', 'fail', 'release'].map((verb) => onLease(job.lease, verb)),
    );
    assert.equal(answers.filter(({ status }) => status < 300).length, 1);
    await ask('POST', '/queues/duel/purge?which=waiting');
  }
});

test('completeMany, heartbeatMany: each lease has its own result, in order', async () => {
  await Promise.all([push('many'), push('many'), push('many')]);
  const [a, b, c] = await pop('many', { max: 3 });
  const unknown = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1';
  const stale = b.lease.replace('.1.', '.9.');
  const beats = await ask('POST', '/leases/heartbeat', { leases: [a.lease, unknown, stale, a.lease] });
  assert.deepEqual(
    beats.json.results.map(({ outcome }: { outcome: string }) => outcome),
    ['extended', 'gone', 'lost', 'extended'],
  );
  const done = await ask('POST', '/leases/complete', { leases: [c.lease, unknown, stale, a.lease, c.lease] });
  assert.deepEqual(
    done.json.results.map(({ outcome }: { outcome: string }) => outcome),
    ['completed', 'gone', 'lost', 'completed', 'completed'],
  );
  const many = Array.from({ length: 1001 }, () => unknown);
  const over = await ask('POST', '/leases/complete', { leases: many });
  assert.deepEqual([over.status, over.json.code], [413, 'batch_too_large']);
});

test('no lease expires before its time', async () => {
  await sql.unsafe(`
    create table ends (late interval);
    create function note_end() returns trigger language plpgsql
    as $$ begin insert into ends values (clock_timestamp() - old.lease_expires_at); return null; end $$;
    create trigger note_end after update on jobs for each row
    when (old.queue = 'punctual' and old.state = 'running' and new.state <> 'running') execute function note_end()`);
  const jobs = 60;
  await ask('POST', '/queues/punctual/jobs/batch', {
    jobs: Array.from({ length: jobs }, (_, job) => ({ job })),
  });
  assert.equal((await pop('punctual', { max: jobs })).length, jobs);
  // Spread over more than the time between two sweeps.
  await sql`
    update jobs
    set lease_expires_at = clock_timestamp() + numbered.n * interval '50 ms'
    from (select id, row_number() over () as n from jobs where queue = 'punctual') as numbered
    where jobs.id = numbered.id`;
  await until(async () => (await sql`select from ends`).length === jobs);
  assert.deepEqual([...(await sql`select late::text from ends where late < '0'`)], []);
});

test('cancel: 204 for a job that waits; 202 for a running job, whose heartbeat tells, and which is deleted at its end', async () => {
  const waiting = await push('cancel', { job: 1, delay_seconds: 1000 });
  assert.equal((await ask('DELETE', `/jobs/${waiting.id}`)).status, 204);
  assert.equal((await ask('GET', `/jobs/${waiting.id}`)).json.code, 'job_not_found');
  for (const verb of ['fail', 'release']) {
    const { id } = await push('cancel');
    const [job] = await pop('cancel');
    assert.equal((await ask('DELETE', `/jobs/${id}`)).status, 202);
    assert.equal((await onLease(job.lease, 'heartbeat')).json.cancel_requested, true);
    const ended = await onLease(job.lease, verb);
    assert.deepEqual(ended.json, { state: 'gone' });
    assert.equal((await ask('GET', `/jobs/${id}`)).status, 404);
  }
  const { id } = await push('cancel');
  const [job] = await pop('cancel');
  await ask('DELETE', `/jobs/${id}`);
  assert.equal((await onLease(job.lease, 'complete')).status, 204);
});

test('cancel: the unique key of a running job can be used again at once, its id cannot', async () => {
  const id = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b71';
  await push('cancel-key', { job: 'old', id, unique_key: 'k' });
  const [old] = await pop('cancel-key');
  assert.equal((await ask('DELETE', `/jobs/${id}`)).status, 202);
  const again = await ask('POST', '/queues/cancel-key/jobs', { job: 'new', unique_key: 'k' });
  assert.equal(again.status, 201);
  assert.equal((await push('cancel-key', { job: 'newer', unique_key: 'k' })).id, again.json.id);
  const repeated = await ask('POST', '/queues/cancel-key/jobs', { job: 'old', id, unique_key: 'k' });
  assert.deepEqual([repeated.status, repeated.json], [200, { id, duplicate: true }]);
  assert.equal((await pop('cancel-key'))[0].job, 'new');
  assert.equal((await onLease(old.lease, 'heartbeat')).json.cancel_requested, true);
  assert.equal((await onLease(old.lease, 'release')).json.state, 'gone');
});

test('cancel: an expired lease and a requeue remove the job too', async () => {
  const expiring = await push('cancel-expiry', { job: 1, lease_seconds: 1 });
  await pop('cancel-expiry');
  await ask('DELETE', `/jobs/${expiring.id}`);
  await until(async () => (await ask('GET', `/jobs/${expiring.id}`)).status === 404);
  const crashed = await push('cancel-requeue');
  await pop('cancel-requeue', { worker_id: 'crashed' });
  await ask('DELETE', `/jobs/${crashed.id}`);
  assert.deepEqual((await ask('POST', '/workers/crashed/requeue')).json, {
    requeued: 0,
    dead: 0,
    gone: 1,
  });
  assert.equal((await ask('GET', `/jobs/${crashed.id}`)).status, 404);
});

test('a worker that is stopped beyond its lease changes nothing when it goes on', async () => {
  const { id } = await push('stopped', { job: 1, lease_seconds: 1 });
  const [late] = await pop('stopped', { worker_id: 'late' });
  const [next] = await pop('stopped', { worker_id: 'next', wait_seconds: 20, lease_seconds: 600 });
  assert.equal(next.id, id);
  for (const verb of verbs) assert.equal((await onLease(late.lease, verb)).json.state, 'running');
  assert.equal((await ask('GET', `/jobs/${id}`)).json.worker_id, 'next');
  assert.equal((await onLease(next.lease, 'complete')).status, 204);
});

test('no answer but that of pop shows a lease, nor the count that makes one', async () => {
  const { id } = await push('secret');
  const [{ lease }] = await pop('secret');
  await onLease(lease, 'release');
  await pop('secret');
  for (const path of [`/jobs/${id}`, '/queues/secret/jobs', '/queues/secret', '/queues']) {
    const { text } = await ask('GET', path);
    assert.ok(!text.includes(`${id}.`), text);
    assert.ok(!/"claims"|"lease"/.test(text), text);
  }
});
