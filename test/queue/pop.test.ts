import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../support/database.js';
import { MANY_POLLS, park } from '../support/park.js';
import { untilWaiting } from '../support/races.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const database = await createDatabase();
const service = await startTestService({}, database);
/** Another process of the same service, as far as PostgreSQL can tell. */
const replica = await startTestService({}, database);
const { ask, sql } = service;

const push = (queue: string, body: object) => ask('POST', `/queues/${queue}/jobs`, body);
const pop = (queue: string, body: object = {}) =>
  ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', wait_seconds: 0, ...body });

test('pop: what was pushed comes byte for byte, in order of priority and arrival', async () => {
  const odd = '{"b":1,  "a":-0,"n":1e300,"__proto__":{"x":"\\u00e9\\"}"}}';
  await ask('POST', '/queues/order/jobs', `{ "priority" : 1 , "job" : ${odd} }`);
  await push('order', { job: 'first of priority 0' });
  await push('order', { job: null });
  await push('order', { job: [1, 2], priority: -5 });
  const { text, json } = await pop('order', { max: 10 });
  assert.deepEqual(
    json.jobs.slice(0, 3).map(({ job }: { job: unknown }) => job),
    [[1, 2], 'first of priority 0', null],
  );
  assert.ok(text.includes(`"job":${odd},`), text);
});

test('pop: the most urgent of all that were pushed here, one pop after the other', async () => {
  for (const priority of [0, -1]) await push('urgent', { job: priority, priority });
  const first = await pop('urgent');
  await push('urgent', { job: 7, priority: 7 });
  const rest = [await pop('urgent'), await pop('urgent')];
  assert.deepEqual(
    [first, ...rest].map(({ json }) => json.jobs[0].job),
    [-1, 0, 7],
  );
});

test('pop: the most urgent first, also if it was redriven', async () => {
  await push('redriven', { job: 3, priority: 3, max_attempts: 1 });
  const [{ lease }] = (await pop('redriven')).json.jobs;
  await ask('POST', `/leases/${lease}/fail`, {});
  for (const priority of [0, 1]) await push('redriven', { job: priority, priority });
  const urgent = await pop('redriven', { max: 5 });
  await ask('POST', '/queues/redriven/redrive');
  await push('redriven', { job: 7, priority: 7 });
  const last = [await pop('redriven'), await pop('redriven')];
  assert.deepEqual(
    [urgent, ...last].map(({ json }) => json.jobs.map(({ job }: { job: number }) => job)),
    [[0, 1], [3], [7]],
  );
});

test('pop: times have six digits, whatever the last of them are', async () => {
  const times = [
    '0001-01-02T00:00:00.000000Z',
    '2026-01-02T03:04:05.000000Z',
    '2026-01-02T03:04:05.120000Z',
    '2026-01-02T03:04:05.000001Z',
  ];
  await sql`insert into jobs (queue, job, queued_at) select 'digits', '1', unnest(${times}::text[])::timestamptz`;
  const { json } = await pop('digits', { max: 10 });
  assert.deepEqual(
    json.jobs.map(({ queued_at }: { queued_at: string }) => queued_at),
    times,
  );
  for (const { lease_expires_at } of json.jobs)
    assert.match(lease_expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test('pop: an empty list when the wait ends', async () => {
  const answer = await pop('empty', { wait_seconds: 0.05 });
  assert.deepEqual(answer.json, { jobs: [] });
});

test('pop: Prefer: wait is applied and acknowledged, unless the body has a wait', async () => {
  const body = { worker_id: 'w' };
  const preferred = await ask('POST', '/queues/prefer/pop', body, {
    headers: { prefer: 'respond-async, wait=0' },
  });
  assert.equal(preferred.headers.get('preference-applied'), 'wait=0');
  const said = await ask(
    'POST',
    '/queues/prefer/pop',
    { ...body, wait_seconds: 0 },
    { headers: { prefer: 'wait=9' } },
  );
  assert.equal(said.headers.get('preference-applied'), null);
});

test('pop: a parked poll is woken by a push on this process, and by one on another', async () => {
  for (const [name, other] of [
    ['here', service],
    ['there', replica],
  ] as const) {
    const parked = pop(`wake-${name}`, { wait_seconds: 20 });
    await until(() => service.parked() === 1);
    const pushed = await other.ask('POST', `/queues/wake-${name}/jobs`, { job: name });
    const { jobs } = (await parked).json;
    assert.equal(jobs[0].id, pushed.json.id);
  }
});

test('pop: a job inserted with plain SQL is found', async () => {
  const parked = pop('raw', { wait_seconds: 20 });
  await until(() => service.parked() === 1);
  await sql`insert into jobs (queue, job) values ('raw', '{"by":"hand"}')`;
  assert.deepEqual((await parked).json.jobs[0].job, { by: 'hand' });
});

test('pop: each job is delivered to one of many polls that are parked at once', async () => {
  const polls = Array.from({ length: MANY_POLLS }, (_, at) =>
    pop('many', { worker_id: `w${at}`, wait_seconds: 50 }),
  );
  await until(() => service.parked() === MANY_POLLS);
  const [{ connections } = { connections: 0 }] = await sql<{ connections: number }[]>`
    select count(*)::int as connections
    from pg_stat_activity
    where datname = current_database() and application_name = 'pict-repo'`;
  // Both services have a pool of 10 and a listener, and this test a pool of 4.
  assert.ok(connections <= 26, `${connections} connections`);
  const pushed = await Promise.all(Array.from({ length: MANY_POLLS }, (_, at) => push('many', { job: at })));
  const answers = await Promise.all(polls);
  const delivered = answers.map(({ json }) => json.jobs.map(({ id }: { id: string }) => id));
  assert.ok(delivered.every((ids) => ids.length === 1));
  assert.deepEqual(delivered.flat().sort(), pushed.map(({ json }) => json.id).sort());
});

const four = Array.from({ length: 4 }, () => ({ job: 1 }));
const waysToBeReady: Record<string, (queue: string) => Promise<unknown>> = {
  'pushed to them': (queue) => ask('POST', `/queues/${queue}/jobs/batch`, { jobs: four }),
  'found by a claim': (queue) =>
    sql`insert into jobs (queue, job) select ${queue}, '1' from generate_series(1, ${four.length})`,
};
for (const [at, [way, makeReady]] of Object.entries(waysToBeReady).entries()) {
  test(`pop: waiters get one job each before anybody gets a second (${way})`, async () => {
    const queue = `fair-${at}`;
    const greedy = await park(service, queue, { worker_id: 'greedy', max: 10 });
    const modest = await park(service, queue, { worker_id: 'modest' });
    await makeReady(queue);
    assert.equal((await modest.answer).json.jobs.length, 1);
    assert.equal((await greedy.answer).json.jobs.length, 3);
  });
}

test('pop: a client that hangs up while its poll waits loses no job', async () => {
  const hangup = new AbortController();
  const { answer } = await park(service, 'hangup', {}, { signal: hangup.signal });
  hangup.abort();
  await assert.rejects(answer);
  await until(() => service.parked() === 0);
  await push('hangup', { job: 1 });
  const { jobs } = (await pop('hangup')).json;
  assert.equal(jobs.length, 1);
  assert.match(jobs[0].lease, /\.1\.\d+$/);
});

test('pop: if a client hangs up between claim and answer, its job is given back, no attempt counted', async () => {
  await push('midway', { job: 1 });
  // The claim waits for this lock, so the client is gone by the time it returns.
  await sql.begin(async (tx) => {
    await tx`lock table paused_queues in access exclusive mode`;
    const hangup = new AbortController();
    const claiming = ask('POST', '/queues/midway/pop', { worker_id: 'gone' }, { signal: hangup.signal });
    await untilWaiting(sql);
    hangup.abort();
    await assert.rejects(claiming);
    await until(() => service.parked() === 1);
  });
  const { jobs } = (await pop('midway', { wait_seconds: 20 })).json;
  assert.equal(jobs[0].attempt, 1);
  // What nobody received does not count as a hand-out.
  assert.match(jobs[0].lease, /\.1\.\d+$/);
});

test('pop: the same worker and idempotency key get the same jobs and leases again', async () => {
  await sql`insert into jobs (queue, job) select 'again', '1' from generate_series(1, 5)`;
  const body = { worker_id: 'w', max: 2, idempotency_key: 'k1' };
  const first = await pop('again', body);
  const second = await pop('again', body);
  assert.equal(first.json.jobs.length, 2);
  assert.deepEqual(second.json, first.json);
  assert.equal((await pop('again', { ...body, idempotency_key: 'k2' })).json.jobs.length, 2);
});

test('pop: two replicas asked at once with one idempotency key claim once', async () => {
  await sql`insert into jobs (queue, job) select 'twice', '1' from generate_series(1, 100)`;
  for (let round = 0; round < 20; round++) {
    const body = { worker_id: 'w', max: 2, wait_seconds: 0, idempotency_key: `round ${round}` };
    const answers = await Promise.all(
      [service, replica].map((one) => one.ask('POST', '/queues/twice/pop', body)),
    );
    assert.deepEqual(answers[0]?.json, answers[1]?.json);
  }
});

test('pop: completed is committed first, with a result for each lease', async () => {
  await push('ride', { job: 1 });
  await push('ride', { job: 2 });
  const first = (await pop('ride')).json.jobs[0];
  const unknown = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1';
  const stale = `${first.id}.9`;
  const second = await pop('ride', { completed: [stale, first.lease, unknown, first.lease] });
  assert.deepEqual(second.json.completed, [
    { lease: stale, outcome: 'gone' },
    { lease: first.lease, outcome: 'completed' },
    { lease: unknown, outcome: 'gone' },
    { lease: first.lease, outcome: 'completed' },
  ]);
  assert.equal(second.json.jobs[0].job, 2);
  const again = await pop('ride', { completed: [first.lease] });
  assert.deepEqual(again.json, { jobs: [], completed: [{ lease: first.lease, outcome: 'gone' }] });
});

test('close: parked polls are answered at once with an empty list', async () => {
  const leaving = await startTestService({}, database);
  const polls = Array.from({ length: 200 }, () =>
    leaving.ask('POST', '/queues/leaving/pop', { worker_id: 'w', wait_seconds: 55 }),
  );
  await until(() => leaving.parked() === 200);
  const closed = leaving.close();
  for (const { status, json } of await Promise.all(polls)) {
    assert.equal(status, 200);
    assert.deepEqual(json, { jobs: [] });
  }
  await closed;
});
