import assert from 'node:assert/strict';
import { test } from 'node:test';
import postgres from 'postgres';
import { uuidv7 } from '../../src/uuid.js';
import { atEnd } from '../support/cleanup.js';
import { scrape } from '../support/metrics.js';
import { queueClient } from '../support/queue-client.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService();
const { ask, push, pop, onLease, sql, url } = { ...service, ...queueClient(service) };

const other = postgres(url, { max: 1 });
atEnd(() => other.end({ timeout: 1 }));

async function kill(queue: string, body: object = { job: 1 }): Promise<string> {
  const { id } = await push(queue, body);
  const [job] = await pop(queue);
  await onLease(job?.lease ?? '', 'fail', { retry: false, error: 'killed' });
  return id;
}

const change = async (action: string, body: object) => (await ask('POST', `/jobs/${action}`, body)).json;
const stateOf = async (id: string) => (await ask('GET', `/jobs/${id}`)).json.state;

test('retry: chosen dead jobs are ready with no attempts, and wake waiting polls; the others have a reason', async () => {
  const dead = await kill('retry');
  const used = await kill('retry', { job: 1, unique_key: 'k' });
  const left = await kill('retry');
  const { id: ready } = await push('elsewhere', { job: 1 });
  await push('keyed', { job: 1 });
  await push('retry', { job: 'again', unique_key: 'k' });
  await pop('retry');
  const unknown = uuidv7();
  const parked = pop('retry', { wait_seconds: 20 });
  await until(() => service.parked() === 1);
  assert.deepEqual(await change('retry', { ids: [dead, used, ready, unknown, dead] }), {
    matched: 3,
    changed: 1,
    skipped: 2,
    more: false,
    results: [
      { id: dead, outcome: 'retried' },
      { id: used, outcome: 'skipped', reason: 'unique_key_used' },
      { id: ready, outcome: 'skipped', reason: 'ready' },
      { id: unknown, outcome: 'not_found' },
      { id: dead, outcome: 'retried' },
    ],
  });
  const [job] = await parked;
  assert.deepEqual([job?.id, job?.attempt], [dead, 1]);
  assert.equal(await stateOf(left), 'dead');
  assert.equal((await scrape(service.base)).get('pict_repo_jobs_total', { event: 'redriven' }), 1);
});

test('runNow: a scheduled job is ready at once, also one that waits for its backoff', async () => {
  const { id: delayed } = await push('now', { job: 'delayed', delay_seconds: 900 });
  const { id: running } = await push('now', { job: 'fails' });
  const [job] = await pop('now');
  await onLease(job?.lease ?? '', 'fail', { delay_seconds: 900 });
  const parked = pop('now', { wait_seconds: 20, max: 2 });
  await until(() => service.parked() === 1);
  const { results } = await change('run-now', { ids: [delayed, running] });
  assert.deepEqual(
    results.map(({ outcome }: { outcome: string }) => outcome),
    ['ready', 'ready'],
  );
  const got = [...(await parked), ...(await pop('now'))];
  assert.deepEqual(new Set(got.map(({ id }) => id)), new Set([delayed, running]));
  assert.deepEqual((await change('run-now', { ids: [delayed] })).results, [
    { id: delayed, outcome: 'skipped', reason: 'running' },
  ]);
});

test('remove: waiting and dead jobs are deleted; a running job is cancelled, and loses its unique key', async () => {
  const dead = await kill('remove');
  const { id: running } = await push('remove', { job: 1, unique_key: 'k' });
  const [job] = await pop('remove');
  const { id: ready } = await push('remove');
  const { id: scheduled } = await push('remove', { job: 1, delay_seconds: 900 });
  const { matched, changed, results } = await change('remove', { ids: [dead, running, ready, scheduled] });
  assert.deepEqual([matched, changed], [4, 4]);
  assert.deepEqual(
    results.map(({ outcome }: { outcome: string }) => outcome),
    ['removed', 'cancel_requested', 'removed', 'removed'],
  );
  for (const id of [dead, ready, scheduled]) assert.equal((await ask('GET', `/jobs/${id}`)).status, 404);
  assert.equal((await onLease(job?.lease ?? '', 'heartbeat')).json.cancel_requested, true);
  assert.equal((await push('remove', { job: 1, unique_key: 'k' })).duplicate, false);
  assert.equal((await scrape(service.base)).get('pict_repo_jobs_total', { event: 'cancelled' }), 3);
});

test('a match: the jobs that it finds are changed, in requests of a bounded size; a dry run only counts', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, unique_key, last_error)
    select
      gen_random_uuid(), 'match', '1', 0, now(), 1, 1, 1, case when n <= 3 then 'k' || n end,
      case when n % 2 = 0 then 'Even' else 'odd' end
    from generate_series(1, 2500) as n`;
  for (const n of [1, 2, 3]) await push('match', { job: 1, unique_key: `k${n}` });
  const match = { queue: 'match', error: 'even' };
  const dry = await change('retry', { match, limit: 10_000, dry_run: true });
  assert.deepEqual(dry, { matched: 1250, changed: 0, skipped: 0, more: false });
  const first = await change('retry', { match, limit: 1100 });
  assert.deepEqual([first.matched, first.changed, first.skipped, first.more], [1100, 1099, 1, true]);
  const rest = await change('retry', { match, after: first.next });
  assert.deepEqual(rest, { matched: 150, changed: 150, skipped: 0, more: false });
  const { ready, dead } = (await ask('GET', '/queues/match')).json;
  assert.deepEqual([ready, dead], [1249 + 3, 1251]);
  const gone = await change('remove', { match: { queue: 'match', state: 'dead' }, limit: 10_000 });
  assert.deepEqual([gone.changed, gone.more], [1251, false]);
});

test('a match by worker, in all queues', async () => {
  for (const queue of ['of-1', 'of-2']) {
    await push(queue);
    await pop(queue, { worker_id: 'rogue' });
  }
  const { matched, changed } = await change('remove', { match: { worker: 'rogue', state: 'running' } });
  assert.deepEqual([matched, changed], [2, 2]);
  const { jobs } = (await ask('GET', '/workers/rogue')).json;
  assert.ok(jobs.every((job: { cancel_requested?: boolean }) => job.cancel_requested));
});

test('a row that another transaction has locked is skipped, and the others are changed', async () => {
  const [held, free] = [await kill('locked'), await kill('locked')];
  const { id: delayed } = await push('locked', { job: 1, delay_seconds: 900 });
  await other`begin`;
  await other`select from dead_jobs where id = ${held} for update`;
  await other`select from jobs where id = ${delayed} for update`;
  const locked = (id: string) => ({ id, outcome: 'skipped', reason: 'locked' });
  assert.deepEqual((await change('retry', { ids: [held, free] })).results, [
    locked(held),
    { id: free, outcome: 'retried' },
  ]);
  assert.deepEqual((await change('run-now', { ids: [delayed] })).results, [locked(delayed)]);
  assert.deepEqual((await change('remove', { ids: [held, delayed] })).results, [
    locked(held),
    locked(delayed),
  ]);
  await other`rollback`;
  assert.equal((await change('remove', { ids: [held, delayed] })).changed, 2);
});

test('retry: a unique key that another transaction is inserting holds up that job alone', async () => {
  const [waits, free] = [await kill('keys', { job: 1, unique_key: 'k' }), await kill('keys')];
  await other`begin`;
  await other`insert into jobs (queue, job, unique_key) values ('keys', '1', 'k')`;
  const { results } = await change('retry', { ids: [waits, free] });
  await other`rollback`;
  assert.deepEqual(results, [
    { id: waits, outcome: 'skipped', reason: 'locked' },
    { id: free, outcome: 'retried' },
  ]);
});

test('a job that the database refuses to change is skipped alone', async () => {
  const ids = [];
  for (const priority of [0, 77, 0]) ids.push(await kill('poison', { job: 1, priority }));
  await sql`alter table jobs add constraint no_77 check (priority <> 77 or queue <> 'poison') not valid`;
  const { results } = await change('retry', { ids });
  await sql`alter table jobs drop constraint no_77`;
  assert.deepEqual(
    results.map(({ outcome, reason }: Record<string, string>) => reason ?? outcome),
    ['retried', 'failed', 'retried'],
  );
  assert.equal(await stateOf(ids[1] ?? ''), 'dead');
});

test('400 and 413: neither ids nor a match, both, a match of everything, a state that does not fit', async () => {
  const id = uuidv7();
  const match = { queue: 'q' };
  for (const [action, body] of [
    ['retry', {}],
    ['retry', { ids: [id], match }],
    ['retry', { ids: [id], limit: 5 }],
    ['retry', { match: {} }],
    ['retry', { match: { ...match, state: 'ready' } }],
    ['run-now', { match: { ...match, state: 'dead' } }],
    ['remove', { match }],
    ['remove', { match: { state: 'dead' } }],
    ['remove', { match: { ...match, state: 'dead' }, limit: 10_001 }],
    ['remove', { match: { ...match, state: 'dead' }, after: '12' }],
    ['remove', { ids: ['nothing'] }],
  ] as const) {
    assertProblem(await ask('POST', `/jobs/${action}`, body), 400, 'invalid_request');
  }
  const ids = Array.from({ length: 1001 }, () => id);
  assertProblem(await ask('POST', '/jobs/retry', { ids }), 413, 'batch_too_large');
  assert.deepEqual((await ask('POST', '/jobs/retry', { ids: [] })).json.results, []);
});
