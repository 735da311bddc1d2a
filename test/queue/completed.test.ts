import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { findCompleted, listCompleted } from '../../src/repos/queue/sql/completed-jobs.js';
import { MAX_SCANNED } from '../../src/repos/queue/sql/scan-jobs.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { only, queueClient } from '../support/queue-client.js';
import { buffersOf, nodesOf, planner } from '../support/queue-plans.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

const service = await startTestService({ QUEUE_COMPLETED_RETENTION_MINUTES: '60' });
const { ask, push, pop, popAnswer, onLease, job, sql } = { ...service, ...queueClient(service) };

/** A job that runs. */
async function running(queue: string, body: object = { job: 1 }) {
  await push(queue, body);
  return only(await pop(queue));
}

const resultsOf = (jobs: { result: unknown }[]) => jobs.map(({ result }) => result);

test('complete: the job is answered with its result, its worker, its times and its last error', async () => {
  await push('whole', { job: { a: [1] }, unique_key: 'k', priority: 3 });
  const first = only(await pop('whole'));
  await onLease(first.lease, 'fail', { error: 'no such file', delay_seconds: 0 });
  const { id, lease } = only(await pop('whole'));
  assert.equal((await onLease(lease, 'complete', { result: { width: 1 } })).status, 204);
  const { status, json } = await job(id);
  assert.equal(status, 200);
  const { queued_at, running_since, completed_at, ran_seconds, ...rest } = json;
  assert.deepEqual(rest, {
    id,
    queue: 'whole',
    state: 'completed',
    job: { a: [1] },
    priority: 3,
    attempts: 1,
    max_attempts: 5,
    unique_key: 'k',
    worker_id: 'w',
    last_error: 'no such file',
    result: { width: 1 },
  });
  assert.ok(queued_at < running_since && running_since < completed_at);
  assert.ok(ran_seconds > 0 && ran_seconds < 60);
});

test('complete: without a body, or with an empty one, there is no result; null is one', async () => {
  for (const [body, result] of [[undefined], [{}], [{ result: null }, null], [{ result: '' }, '']]) {
    const { id, lease } = await running('bodies');
    assert.equal((await onLease(lease, 'complete', body as object)).status, 204);
    const { json } = await job(id);
    assert.deepEqual([json.state, json.result], ['completed', result]);
  }
});

test('a result comes back byte for byte, from complete, completeMany and a pop', async () => {
  const text = '{ "b":1.50, "a" :"\\u00e9\\\\ \\" é", "a":{} , "n": 1e300 }';
  for (const way of ['complete', 'completeMany', 'pop']) {
    const { id, lease } = await running('bytes');
    const item = `{"lease": "${lease}" , "result":  ${text}}`;
    const [path, body] = {
      complete: [`/leases/${lease}/complete`, `{"result":${text} }`],
      completeMany: ['/leases/complete', `{"leases":[${item}]}`],
      pop: ['/queues/bytes/pop', `{"worker_id":"w","wait_seconds":0,"completed":[${item}]}`],
    }[way] as [string, string];
    assert.ok((await ask('POST', path, body)).status < 300);
    assert.ok((await job(id)).text.endsWith(`,"result":${text}}`), way);
  }
});

test('completeMany and a pop: leases with and without results, and the first of equal leases counts', async () => {
  for (const way of ['completeMany', 'pop']) {
    for (let n = 0; n < 3; n++) await push('mixed', { job: n });
    const [a, b, c] = await pop('mixed', { max: 3 });
    assert.ok(a && b && c);
    const leases = [a.lease, { lease: b.lease, result: 'b' }, { lease: c.lease }];
    const again = [
      { lease: a.lease, result: 'late' },
      { lease: b.lease, result: 'late' },
    ];
    const { json } =
      way === 'pop'
        ? await popAnswer('mixed', { completed: [...leases, ...again] })
        : await ask('POST', '/leases/complete', { leases: [...leases, ...again] });
    const outcomes: { lease: string; outcome: string }[] = json.completed ?? json.results;
    assert.deepEqual(
      outcomes,
      [a, b, c, a, b].map(({ lease }) => ({ lease, outcome: 'completed' })),
    );
    const jobs = await Promise.all([a, b, c].map(({ id }) => job(id)));
    assert.deepEqual(resultsOf(jobs.map(({ json: one }) => one)), [undefined, 'b', undefined]);
  }
});

test('completes of one lease at once keep one job, and one result', async () => {
  const { id, lease } = await running('race');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2
        ? onLease(lease, 'complete', { result: n })
        : popAnswer('race', { completed: [{ lease, result: n }] }),
    ),
  );
  const won = answers.flatMap(({ status, json }, n) =>
    status === 204 || json?.completed?.[0].outcome === 'completed' ? [n] : [],
  );
  const rows = await sql`select result::text from completed_jobs where id = ${id}`;
  assert.equal(rows.length, 1);
  assert.ok(won.includes(Number(rows[0]?.['result'])), `${rows[0]?.['result']} of ${won}`);
});

test('a result of more than 4096 bytes is refused, and the job is not completed', async () => {
  const { id, lease } = await running('large');
  const fits = 'é'.repeat(2047);
  const result = `${fits}a`;
  const refused = [
    await onLease(lease, 'complete', { result }),
    await ask('POST', '/leases/complete', { leases: [{ lease, result }] }),
    await popAnswer('large', { completed: [{ lease, result }] }),
  ];
  for (const answer of refused) {
    assertProblem(answer, 400, 'result_too_long');
    assert.equal(answer.json.errors.length, 1);
    assert.match(answer.json.errors[0].path, /\/result$/);
  }
  assert.equal((await job(id)).json.state, 'running');
  assert.equal((await onLease(lease, 'complete', { result: fits })).status, 204);
  assert.equal((await job(id)).json.result, fits);
});

test('what is neither a lease nor an object with one is refused, with one reason', async () => {
  const { lease } = await running('refused');
  const items = ['x', 1, null, {}, { result: 1 }, { lease: 'x' }, { lease, more: 1 }, [lease]];
  for (const item of items) {
    const answer = await ask('POST', '/leases/complete', { leases: [item] });
    assertProblem(answer, 400, 'invalid_request');
    assert.equal(answer.json.errors.length, 1, JSON.stringify([item, answer.json.errors]));
  }
});

test('jobs and find: completed jobs, the newest first, by page and by filter', async () => {
  for (const [queue, result] of [
    ['l1', 1],
    ['l2', 2],
    ['l1', 3],
    ['l2', 4],
    ['l1', 5],
  ] as const) {
    const { lease } = await running(queue, { job: 1, unique_key: `key ${result}` });
    await onLease(lease, 'complete', { result });
  }
  const all = async (path: string, limit: number) => {
    const found: number[] = [];
    for (let after = ''; ; ) {
      const { json } = await ask('GET', `${path}&limit=${limit}${after}`);
      found.push(...resultsOf(json.jobs).map(Number));
      if (json.next === undefined) return found;
      after = `&after=${json.next}`;
    }
  };
  for (const limit of [1, 2, 100]) {
    assert.deepEqual(await all('/queues/l1/jobs?state=completed', limit), [5, 3, 1]);
    assert.deepEqual(await all('/jobs?queue=l2&state=completed', limit), [4, 2]);
    assert.deepEqual((await all('/jobs?state=completed', limit)).slice(0, 5), [5, 4, 3, 2, 1]);
  }
  assert.deepEqual(await all('/jobs?state=completed&unique_key=key+3', 9), [3]);
  assert.deepEqual(await all('/queues/l1/jobs?state=completed&payload=1', 2), [5, 3, 1]);
  assert.deepEqual(await all('/jobs?state=completed&payload=nothing', 9), []);
  assert.deepEqual(await all('/queues/l1/jobs?state=completed&worker=w', 2), [5, 3, 1]);
  assert.deepEqual(await all('/queues/l1/jobs?state=completed&worker=nobody', 2), []);
  assert.deepEqual(await all('/jobs?state=completed&error=SUCH', 9).then(({ length }) => length), 1);
  assert.deepEqual((await ask('GET', '/jobs?queue=l1')).json, { jobs: [] }, 'only where they are asked for');
});

test('find: a cursor of another state is refused', async () => {
  assertProblem(await ask('GET', '/jobs?state=ready&after=12'), 400, 'invalid_request');
  await push('cursor');
  await push('cursor');
  const { json } = await ask('GET', '/jobs?queue=cursor&limit=1');
  assert.ok(json.next);
  const other = await ask('GET', `/jobs?state=completed&after=${json.next}`);
  assertProblem(other, 400, 'invalid_request');
});

test('a push with the id of a completed job is a duplicate, and its lease is gone', async () => {
  const id = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b72';
  const { lease } = await running('again', { job: 1, id });
  await onLease(lease, 'complete', { result: 1 });
  assert.deepEqual((await ask('POST', '/queues/again/jobs', { job: 1, id })).json, { id, duplicate: true });
  assertProblem(await ask('POST', '/queues/again/jobs', { job: 2, id }), 409, 'job_id_used');
  assert.equal((await onLease(lease, 'complete', { result: 2 })).json.state, 'gone');
  assert.equal((await ask('DELETE', `/jobs/${id}`)).status, 204);
  assert.equal((await job(id)).json.result, 1);
});

/** Completed jobs of that age, in the part or in each of the four. */
async function fill({ sql: to }: Pick<TestDatabase, 'sql'>, minutes: number, part?: number, count = 1) {
  await to`
    insert into completed_jobs (
      part, id, queue, job, priority, queued_at, attempts, max_attempts, worker_id, completed_at
    )
    select part, gen_random_uuid(), 'filled', '1', 0, now(), 0, 5, 'w', now() - make_interval(mins => ${minutes})
    from generate_series(0, 3) as part, generate_series(1, ${count}::integer)
    where part = ${part ?? -1} or ${part === undefined}`;
}

async function emptyAll({ sql: of }: Pick<TestDatabase, 'sql'>): Promise<number> {
  for (let emptied = 0; ; emptied++) {
    const [row] = await of`select empty_completed_jobs(60) as emptied`;
    if (!row?.['emptied']) return emptied;
  }
}

test('a part is emptied when all its jobs are old, but never the part that is written to', async () => {
  const database = await createDatabase();
  const now = Math.floor(Date.now() / 1000 / 1800) % 4;
  const others = [1, 2, 3].map((more) => (now + more) % 4);
  await fill(database, 61);
  await fill(database, 59, others[0]);
  assert.equal(await emptyAll(database), 2);
  const left = await database.sql`select part, count(*)::integer as count from completed_jobs group by part`;
  const expected = [
    { part: now, count: 1 },
    { part: others[0], count: 2 },
  ];
  assert.deepEqual(new Set(left.map((row) => ({ ...row }))), new Set(expected));
});

test('a job that is older than the retention is not shown, although it is still there', async () => {
  await fill(service, 61);
  const [row] = await sql`select id from completed_jobs where queue = 'filled' limit 1`;
  assert.equal((await job(row?.['id'])).json.code, 'job_not_found');
  assert.deepEqual((await ask('GET', '/queues/filled/jobs?state=completed')).json, { jobs: [] });
});

test('an open reader of the completed jobs stops no push, no completion and no other reader', async () => {
  await fill(service, 61);
  await sql.begin(async (reader) => {
    await reader`select count(*) from completed_jobs`;
    const sweeps = (async () => {
      for (let n = 0; n < 5; n++) assert.equal(await emptyAll(service), 0, 'the reader holds all parts');
    })();
    for (let n = 0; n < 5; n++) {
      const began = performance.now();
      const { id, lease } = await running('read');
      assert.equal((await onLease(lease, 'complete', { result: n })).status, 204);
      assert.equal((await job(id)).json.result, n);
      assert.ok(performance.now() - began < 3000);
    }
    await sweeps;
  });
  assert.ok((await emptyAll(service)) >= 2);
});

test('completions wait for no sweep that waits for a reader of its part', async () => {
  const now = Math.floor(Date.now() / 1000 / 1800) % 4;
  const { lease } = await running('sweep');
  await sql.begin(async (holder) => {
    await holder.unsafe(`lock table completed_jobs_${(now + 1) % 4} in access exclusive mode`);
    assert.equal((await onLease(lease, 'complete', { result: 1 })).status, 204);
  });
});

test('a search without an index looks at a bounded number of completed jobs', async () => {
  const now = Math.floor(Date.now() / 1000 / 1800) % 4;
  await running('bounded').then(({ lease }) => onLease(lease, 'complete', { result: 'found' }));
  await fill(service, 1, now, MAX_SCANNED);
  await sql`analyze completed_jobs`;
  const first = (await ask('GET', '/jobs?state=completed&worker=w&error=nothing&limit=1')).json;
  assert.deepEqual(first.jobs, []);
  assert.ok(first.next);
  const query = 'state=completed&queue=bounded';
  assert.deepEqual(resultsOf((await ask('GET', `/jobs?${query}`)).json.jobs), ['found']);
});

test('the newest jobs, those of a queue and the job with an id are found by an index', async () => {
  const { explain } = planner(service.url);
  const page = { limit: 10, retentionMinutes: 60 };
  const asked: [index: RegExp, most: number, ask: (db: Database) => Promise<unknown>][] = [
    [/_seq_idx/, 150, (db) => listCompleted(db, {}, page)],
    [/_queue_seq_idx/, 50, (db) => listCompleted(db, { queue: 'nobody' }, page)],
    [/_queue_seq_idx/, 50, (db) => listCompleted(db, { queue: 'l1' }, { ...page, after: '100' })],
    [/_id_idx/, 50, (db) => findCompleted(db, '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b72', 60)],
  ];
  for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
    for (const [index, most, ask] of asked) {
      const plan = await explain(ask, mode);
      const names = nodesOf(plan).flatMap(({ 'Index Name': name = '' }) => (name === '' ? [] : [name]));
      assert.ok(
        names.some((name) => index.test(name)),
        names.join(),
      );
      assert.ok(buffersOf(plan) <= most, `${buffersOf(plan)} buffers by ${names}`);
    }
  }
});

test('without a retention nothing is kept, and a result is dropped', async () => {
  const forgetful = await startTestService();
  const client = queueClient(forgetful);
  await client.push('q');
  const { id, lease } = only(await client.pop('q'));
  assert.equal((await client.onLease(lease, 'complete', { result: 1 })).status, 204);
  assert.equal((await client.job(id)).status, 404);
  assert.deepEqual((await client.ask('GET', '/jobs?state=completed')).json, { jobs: [] });
  const [row] = await forgetful.sql`select count(*)::integer as count from completed_jobs`;
  assert.equal(row?.['count'], 0);
});
