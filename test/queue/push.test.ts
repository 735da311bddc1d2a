import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Sql } from '../../src/database/database.js';
import { createPushes } from '../../src/repos/queue/dispatch/pushes.js';
import { uuidv7 } from '../../src/uuid.js';
import { tally } from '../support/races.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' });
const { ask, sql } = service;

const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const push = (queue: string, body: object | string) => ask('POST', `/queues/${queue}/jobs`, body);
const pop = (queue: string, body: object = {}) =>
  ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', wait_seconds: 0, ...body });

test('push: 201, and 200 with the same id while the unique key waits or runs', async () => {
  const first = await push('unique', { job: 1, unique_key: 'prune' });
  assert.equal(first.status, 201);
  const second = await push('unique', { job: 2, unique_key: 'prune' });
  assert.equal(second.status, 200);
  assert.deepEqual(second.json, { id: first.json.id, duplicate: true });
  const { lease } = (await pop('unique')).json.jobs[0];
  assert.equal((await push('unique', { job: 3, unique_key: 'prune' })).status, 200);
  assert.equal((await push('other', { job: 3, unique_key: 'prune' })).status, 201);
  await ask('POST', `/leases/${lease}/complete`);
  assert.equal((await push('unique', { job: 4, unique_key: 'prune' })).status, 201);
});

test('push: a duplicate stays one if another job of its statement needs a second insert', async () => {
  // Of the first insert nothing comes; one job stands, the other met a rival that is gone; the second insert is plain.
  const answers: unknown[][] = [
    [],
    [
      { id: 'existing', mark: null },
      { id: null, mark: null },
    ],
    [],
  ];
  const sql = (() => ({})) as unknown as Sql;
  const db = {
    async run(statement: (sql: Sql) => unknown) {
      statement(sql);
      return answers.shift();
    },
  } as unknown as Database;
  const defaults = { maxAttempts: 5, leaseSeconds: 60, idRetentionMinutes: 1440 };
  const { push } = createPushes({ db, defaults, reserve: () => undefined, onPlaced: () => {} });
  const placed = await push([
    { queue: 'q', job: '1', unique_key: 'k' },
    { queue: 'q', job: '2' },
  ]);
  assert.deepEqual(
    placed.map(({ id, duplicate }) => [id === 'existing', duplicate]),
    [
      [true, true],
      [false, false],
    ],
  );
  assert.equal(answers.length, 0);
});

const none = { lease_seconds: null, max_run_seconds: null };
const plain = { priority: 0, unique_key: null, state: 'ready', max_attempts: 5, ...none };
const due = '2999-01-01T00:00:00Z';
/** What a job says of itself, and how its row then differs from that of a job which says nothing. */
const members: [object, object][] = [
  [{}, {}],
  [{ priority: -3 }, { priority: -3 }],
  [{ unique_key: 'null' }, { unique_key: 'null' }],
  [{ delay_seconds: 1000 }, { state: 'scheduled' }],
  [{ run_at: due }, { state: 'scheduled' }],
  [{ max_attempts: 1 }, { max_attempts: 1 }],
  [{ lease_seconds: 7 }, { lease_seconds: 7 }],
  [{ max_run_seconds: 8 }, { max_run_seconds: 8 }],
];
for (const [at, [said, kept]] of members.entries()) {
  test(`pushMany: what one job says (${JSON.stringify(said)}) is kept with it, and with no other`, async () => {
    const more = Object.entries(said).map(([name, value]) => `,"${name}":${JSON.stringify(value)}`);
    const texts = ['null', '{"a": "x,y\\u001e\\"" }', '""', '[1e2, {}]'];
    for (const place of texts.keys()) {
      const queue = `said-${at}-${place}`;
      const jobs = texts.map((job, of) => `{"job":${job}${of === place ? more : ''}}`);
      const body = `{"jobs":[${jobs.join()}]}`;
      assert.equal((await ask('POST', `/queues/${queue}/jobs/batch`, body)).status, 200);
      const rows = await sql`
        select job::text as job, priority, unique_key, state, max_attempts, lease_seconds, max_run_seconds
        from jobs
        where queue = ${queue}
        order by seq`;
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        texts.map((job, of) => ({ job, ...plain, ...(of === place && kept) })),
      );
    }
  });
}

test('push: 400 for the character that separates the jobs of a statement', async () => {
  for (const body of ['{"job":"\x1e"}', '{"job":\x1e1}']) {
    const refused = await push('separator', body);
    assert.deepEqual([refused.status, refused.json.code], [400, 'malformed_json']);
  }
});

test('push: 200 concurrent ones with one unique key make one job', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, at) => push('crowd', { job: at, unique_key: 'one' })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
});

test('push: an id of the client makes it safe to repeat', async () => {
  const id = uuidv7();
  assert.equal((await push('own-id', { job: 1, id })).status, 201);
  const again = await push('own-id', { job: 1, id });
  assert.equal(again.status, 200);
  assert.deepEqual(again.json, { id, duplicate: true });
});

test('pushMany: of two that give one id to different jobs at once, one is refused as a whole', async () => {
  for (let n = 0; n < 5; n++) {
    const shared = uuidv7();
    const batches = [1, 2].map((text) => [shared, uuidv7()].map((id) => ({ id, job: text })));
    const answers = await Promise.all(
      batches.map((jobs) => ask('POST', '/queues/shared/jobs/batch', { jobs })),
    );
    const others = await Promise.all(batches.map((jobs) => ask('GET', `/jobs/${jobs[1]?.id}`)));
    assert.deepEqual(tally(answers), { 200: 1, '409 job_id_used': 1 });
    assert.deepEqual(
      others.map(({ status }) => status),
      answers.map(({ status }) => (status === 409 ? 404 : 200)),
    );
  }
});

test('push: ids ascend in the order of the pushes', async () => {
  const ids: string[] = [];
  for (let at = 0; at < 20; at++) ids.push((await push('ascending', { job: at })).json.id);
  const jobs = Array.from({ length: 1000 }, (_, at) => ({ job: at }));
  const { json } = await ask('POST', '/queues/ascending/jobs/batch', { jobs });
  ids.push(...json.jobs.map(({ id }: { id: string }) => id));
  assert.deepEqual(ids, [...new Set(ids)].sort());
  for (const id of ids) assert.match(id, UUID_V7);
});

test('uuidv7: ascends also where a millisecond has more than 4,096, and the clock goes back', (t) => {
  const from = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: from });
  const ids = Array.from({ length: 10_000 }, () => uuidv7());
  t.mock.timers.setTime(from - 3_600_000);
  ids.push(...Array.from({ length: 10_000 }, () => uuidv7()));
  assert.deepEqual(ids, [...new Set(ids)].sort());
  for (const id of ids) assert.match(id, UUID_V7);
  // Two that share the millisecond and all else are told apart by the count alone; the rest changes with the time.
  assert.equal(new Set(ids.map((id) => id.slice(18))).size, new Set(ids.map((id) => id.slice(0, 13))).size);
});

test('push: a delayed job is ready when its time has come', async () => {
  await push('later', { job: 'later', delay_seconds: 0.5 });
  await push('later', { job: 'past', run_at: '2001-01-01T00:00:00Z' });
  assert.deepEqual(
    (await pop('later', { max: 9 })).json.jobs.map(({ job }: { job: string }) => job),
    ['past'],
  );
  const { jobs } = (await pop('later', { wait_seconds: 20 })).json;
  assert.equal(jobs[0].job, 'later');
});

test('push: a job may be due at any time that the API takes', async () => {
  const run_at = '9999-12-31T23:59:59.999999Z';
  const { status, json } = await push('far', { job: 1, run_at });
  assert.equal(status, 201);
  assert.equal((await ask('GET', `/jobs/${json.id}`)).json.run_at, run_at);
});

test('push, pushMany: 400 where a job has two times, and nothing is pushed', async () => {
  for (const delay_seconds of [0, 60]) {
    const twice = { job: 1, delay_seconds, run_at: due };
    const one = await push('two-times', twice);
    assert.deepEqual([one.status, one.json.code, one.json.errors[0].path], [400, 'invalid_request', '/body']);
    const batch = await ask('POST', '/queues/two-times/jobs/batch', {
      jobs: [{ job: 0, run_at: due }, twice],
    });
    assert.deepEqual([batch.status, batch.json.errors[0].path], [400, '/body/jobs/1']);
    assert.match(batch.json.detail, /delay_seconds or run_at, not both/);
  }
  assert.equal((await ask('GET', '/queues/two-times')).json.scheduled, 0);
});

test('push: 413 for a job above 256 KiB, whatever stands around it', async () => {
  const fits = `"${'x'.repeat(256 * 1024 - 2)}"`;
  assert.equal((await push('size', `{"job":${fits}}`)).status, 201);
  const over = await push('size', `{"job":${fits.slice(0, -1)}y"}`);
  assert.equal(over.status, 413);
  assert.equal(over.json.code, 'job_too_large');
  const far = await push('size', `{"job":"${'x'.repeat(400 * 1024)}"}`);
  assert.equal(far.json.code, 'job_too_large');
});

test('push: 400 without a job, and for what could not be cast later', async () => {
  assert.equal((await push('bad', {})).json.code, 'invalid_request');
  assert.equal((await push('bad', '{"job":1e131071}')).json.code, 'number_out_of_range');
  assert.equal((await push('bad', '{"job":"\\u0000"}')).json.code, 'invalid_text');
  assert.equal(
    (await push('bad', `{"job":${'['.repeat(300)}${']'.repeat(300)}}`)).json.code,
    'json_too_deep',
  );
});

test('a job of huge numbers by plain SQL harms nobody', async () => {
  // As jsonb, each of these numbers would have 131,072 digits on the way out.
  await sql`
    insert into jobs (queue, job)
    select 'huge', ('[' || string_agg('1e131071', ',') || ']')::json
    from generate_series(1, 29000)`;
  await push('huge', { job: 'neighbour' });
  const { text } = await pop('huge', { max: 2 });
  assert.ok(text.includes('"neighbour"'));
  assert.ok(text.length < 300_000);
});

test('complete: 409 lease_lost for a lease that another holds now, and nothing changes', async () => {
  await push('fence', { job: 1 });
  const late = (await pop('fence', { worker_id: 'late', lease_seconds: 1 })).json.jobs[0];
  const next = (await pop('fence', { worker_id: 'next', wait_seconds: 20 })).json.jobs[0];
  assert.equal(next.id, late.id);
  assert.equal(next.attempt, 2);
  const lost = await ask('POST', `/leases/${late.lease}/complete`);
  assert.equal(lost.status, 409);
  assert.deepEqual([lost.json.code, lost.json.state], ['lease_lost', 'running']);
  assert.equal((await ask('POST', `/leases/${next.lease}/complete`)).status, 204);
});

test('requeueInProgress: exactly this worker, or with match=server its numbered ones', async () => {
  const workers = ['pict-1', 'pict-1-0', 'pict-1-12', 'pict-10-0', 'pict-1-x', 'pict%1', 'PICT-1'];
  for (const worker_id of workers) {
    await push('requeue', { job: worker_id });
    assert.equal((await pop('requeue', { worker_id })).json.jobs.length, 1);
  }
  assert.deepEqual((await ask('POST', '/workers/pict-1/requeue')).json, { requeued: 1, dead: 0, gone: 0 });
  assert.deepEqual((await ask('POST', '/workers/pict-1/requeue?match=server')).json, {
    requeued: 2,
    dead: 0,
    gone: 0,
  });
  assert.deepEqual((await ask('POST', '/workers/pict-1/requeue?match=server')).json, {
    requeued: 0,
    dead: 0,
    gone: 0,
  });
  const back = (await pop('requeue', { max: 9 })).json.jobs;
  assert.deepEqual(
    back.map(({ job, attempt }: { job: string; attempt: number }) => [job, attempt]),
    [
      ['pict-1', 2],
      ['pict-1-0', 2],
      ['pict-1-12', 2],
    ],
  );
});

test('requeueInProgress: a job that kills its workers ends as dead', async () => {
  const { id } = (await push('deadly', { job: 1, max_attempts: 3 })).json;
  for (let crash = 1; crash <= 3; crash++) {
    assert.equal((await pop('deadly', { worker_id: 'crashing' })).json.jobs[0].attempt, crash);
    const { json } = await ask('POST', '/workers/crashing/requeue');
    assert.deepEqual(json, { requeued: crash < 3 ? 1 : 0, dead: crash < 3 ? 0 : 1, gone: 0 });
  }
  assert.deepEqual((await pop('deadly')).json.jobs, []);
  const dead = await sql`select attempts, claims from dead_jobs where id = ${id}`;
  assert.deepEqual({ ...dead[0] }, { attempts: 3, claims: 3 });
});

test('a lease that runs out counts an attempt, and the job comes back', async () => {
  await push('expiry', { job: 1, lease_seconds: 1 });
  const [first] = (await pop('expiry')).json.jobs;
  const [second] = (await pop('expiry', { wait_seconds: 20 })).json.jobs;
  assert.equal(second.id, first.id);
  assert.equal(second.attempt, 2);
  await until(
    async () => (await sql`select from jobs where queue = 'expiry' and state = 'running'`).length === 1,
  );
});
