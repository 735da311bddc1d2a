import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidv7 } from '../../src/uuid.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService({ QUEUE_DEAD_RETENTION_DAYS: '3' });
const { ask, sql } = service;

const push = async (queue: string, body: object = { job: 1 }) =>
  (await ask('POST', `/queues/${queue}/jobs`, body)).json as { id: string };
const pop = async (queue: string, body: object = {}) =>
  (await ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', wait_seconds: 0, ...body })).json.jobs;
const kill = async (queue: string) => {
  const [job] = await pop(queue);
  await ask('POST', `/leases/${job.lease}/fail`, { retry: false, error: 'killed' });
};

test('pushMany: in order, all or nothing, and duplicates are marked', async () => {
  const { json } = await ask('POST', '/queues/batch/jobs/batch', {
    jobs: [
      { job: 'b', unique_key: 'b' },
      { job: 'a', unique_key: 'a' },
      { job: 'b2', unique_key: 'b' },
      { job: 'c' },
    ],
  });
  assert.deepEqual(
    json.jobs.map(({ duplicate }: { duplicate: boolean }) => duplicate),
    [false, false, true, false],
  );
  assert.equal(json.jobs[2].id, json.jobs[0].id);
  assert.deepEqual(
    (await pop('batch', { max: 9 })).map(({ job }: { job: string }) => job),
    ['b', 'a', 'c'],
  );
  const bad = await ask('POST', '/queues/nothing/jobs/batch', {
    jobs: [{ job: 1 }, { job: 2, priority: 99_999 }],
  });
  assert.equal(bad.status, 400);
  assert.equal((await ask('GET', '/queues/nothing')).json.ready, 0);
});

test('pushMany: 413 beyond 1,000 jobs, beyond 8 MiB, and for a job beyond 256 KiB', async () => {
  const jobs = (length: number) => ({ jobs: Array.from({ length }, (_, job) => ({ job })) });
  assert.equal((await ask('POST', '/queues/big/jobs/batch', jobs(1000))).json.jobs.length, 1000);
  assert.equal((await ask('POST', '/queues/big/jobs/batch', jobs(1001))).json.code, 'batch_too_large');
  const heavy = { jobs: Array.from({ length: 40 }, () => ({ job: 'x'.repeat(250 * 1024) })) };
  assert.equal((await ask('POST', '/queues/big/jobs/batch', heavy)).json.code, 'batch_too_large');
  const one = { jobs: [{ job: 1 }, { job: 'x'.repeat(300 * 1024) }] };
  assert.equal((await ask('POST', '/queues/big/jobs/batch', one)).json.code, 'job_too_large');
});

test('pushMany: 8 MiB of too many elements, or of unknown members, are refused as a few are', async () => {
  const batch = (body: string) => ask('POST', '/queues/hostile/jobs/batch', body);
  const elements = await batch(`{"jobs":[${'1,'.repeat(4_000_000)}1]}`);
  assertProblem(elements, 413, 'batch_too_large');
  const members = Array.from({ length: 500_000 }, (_, n) => `"key${n}":1`).join();
  for (const body of [`{${members}}`, `{"jobs":[{"job":1,${members}}]}`]) {
    assertProblem(await batch(body), 400, 'invalid_request');
  }
  assertProblem(await batch(`{"jobs":[{"job":1,${members}]}`), 400, 'malformed_json');
  const name = await batch(`{"jobs":[],"${'~'.repeat(8_000_000)}":1}`);
  assertProblem(name, 400, 'invalid_request');
  assert.ok(name.text.length < 4096, 'the name is cut');
  assert.equal((await ask('GET', '/queues/hostile')).json.ready, 0);
});

test('pushMany: 8 MiB of jobs, read in pieces, come back byte for byte', async () => {
  const texts = Array.from(
    { length: 36 },
    (_, n) => `{"a" : [ ${`"\\u0041ü\u{1f600}",`.repeat(15_000)} ${n} ]}`,
  );
  const body = `{"jobs":[${texts.map((job) => `{"job": ${job} }`).join(' , ')}]}`;
  assert.ok(Buffer.byteLength(body) > 6_000_000);
  assert.equal((await ask('POST', '/queues/exact/jobs/batch', body)).status, 200);
  const rows = await sql<{ job: string }[]>`select job::text from jobs where queue = 'exact' order by seq`;
  assert.ok(rows.map(({ job }) => job).join('\n') === texts.join('\n'));
});

test('jobs: a page of dead jobs counts their errors as they go out', async () => {
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select gen_random_uuid(), 'ailing', '1', 0, now(), 1, 1, 1, repeat(chr(1), 16384)
    from generate_series(1, 100)`;
  const { text, json } = await ask('GET', '/queues/ailing/jobs?state=dead&limit=1000');
  assert.ok(text.length <= 8.1 * 1024 * 1024, `${text.length}`);
  const rest = await ask('GET', `/queues/ailing/jobs?state=dead&limit=1000&after=${json.next}`);
  assert.equal(json.jobs.length + rest.json.jobs.length, 100);
});

test('pop: jobs that are too large together come in several answers', async () => {
  const jobs = Array.from({ length: 30 }, () => ({ job: 'x'.repeat(250 * 1024) }));
  await ask('POST', '/queues/heavy/jobs/batch', { jobs });
  await ask('POST', '/queues/heavy/jobs/batch', { jobs });
  let got = 0;
  for (let answers = 0; got < 60; answers++) {
    assert.ok(answers < 3);
    const { text, json } = await ask('POST', '/queues/heavy/pop', {
      worker_id: 'w',
      max: 100,
      wait_seconds: 0,
    });
    assert.ok(Buffer.byteLength(text) < 9 * 1024 * 1024);
    got += json.jobs.length;
  }
});

test('pause: pops get nothing, completed is committed all the same; resume wakes parked polls', async () => {
  await push('pause');
  const [job] = await pop('pause');
  assert.equal((await ask('POST', '/queues/pause/pause')).status, 204);
  assert.equal((await ask('POST', '/queues/pause/pause')).status, 204);
  await push('pause', { job: 'later' });
  const paused = await ask('POST', '/queues/pause/pop', {
    worker_id: 'w',
    wait_seconds: 0,
    completed: [job.lease],
  });
  assert.equal(paused.status, 200);
  assert.deepEqual(paused.json.jobs, []);
  assert.equal(paused.json.completed[0].outcome, 'completed');
  assert.ok(paused.json.retry_after_seconds > 0);
  const parked = pop('pause', { wait_seconds: 20 });
  await until(() => service.parked() === 1);
  assert.equal((await ask('GET', '/queues/pause')).json.paused, true);
  assert.equal((await ask('POST', '/queues/pause/resume')).status, 204);
  assert.equal((await parked)[0].job, 'later');
});

test('purge: waiting jobs are deleted, running jobs stay; which=dead deletes the dead jobs', async () => {
  await push('purge');
  await kill('purge');
  await push('purge', { job: 'runs' });
  const [running] = await pop('purge');
  await push('purge');
  await push('purge', { job: 1, delay_seconds: 1000 });
  assert.deepEqual((await ask('POST', '/queues/purge/purge?which=waiting')).json, { purged: 2 });
  assert.equal((await ask('POST', `/leases/${running.lease}/heartbeat`)).status, 200);
  assert.deepEqual((await ask('POST', '/queues/purge/purge?which=dead')).json, { purged: 1 });
  assert.deepEqual((await ask('POST', '/queues/purge/purge?which=dead')).json, { purged: 0 });
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

test('redrive: dead jobs are ready again with no attempts; one whose unique key is used again stays dead', async () => {
  const first = await push('redrive', { job: 'first', unique_key: 'k' });
  await kill('redrive');
  await push('redrive', { job: 'plain' });
  await kill('redrive');
  await push('redrive', { job: 'second', unique_key: 'k' });
  assert.deepEqual((await ask('POST', '/queues/redrive/redrive')).json, { redriven: 1, skipped: 1 });
  assert.equal((await ask('GET', `/jobs/${first.id}`)).json.state, 'dead');
  const jobs = await pop('redrive', { max: 9 });
  assert.deepEqual(jobs.map(({ job, attempt }: { job: string; attempt: number }) => [job, attempt]).sort(), [
    ['plain', 1],
    ['second', 1],
  ]);
});

test('redrive: a lease from before does not match', async () => {
  await push('phoenix');
  const [before] = await pop('phoenix');
  await ask('POST', `/leases/${before.lease}/fail`, { retry: false });
  await ask('POST', '/queues/phoenix/redrive');
  const [after] = await pop('phoenix');
  assert.equal((await ask('POST', `/leases/${before.lease}/complete`)).status, 409);
  assert.equal((await ask('POST', `/leases/${after.lease}/complete`)).status, 204);
});

test('stats, queues: the jobs by state, and the waiting polls', async () => {
  await push('stats');
  await kill('stats');
  await push('stats');
  await pop('stats');
  await push('stats');
  await push('stats', { job: 1, delay_seconds: 1000 });
  const { json } = await ask('GET', '/queues/stats');
  assert.ok(json.oldest_ready_seconds >= 0 && json.oldest_ready_seconds < 20);
  assert.deepEqual(
    { ...json, oldest_ready_seconds: 0, as_of: '' },
    {
      as_of: '',
      queue: 'stats',
      ready: 1,
      scheduled: 1,
      running: 1,
      dead: 1,
      oldest_ready_seconds: 0,
      trouble: ['dead'],
      paused: false,
      parked: 0,
    },
  );
  const parked = pop('waited-for', { wait_seconds: 20 });
  await until(() => service.parked() === 1);
  const { queues } = (await ask('GET', '/queues')).json;
  const names = queues.map(({ queue }: { queue: string }) => queue);
  assert.deepEqual(names, [...names].sort());
  assert.equal(queues.find(({ queue }: { queue: string }) => queue === 'waited-for').parked, 1);
  await push('waited-for');
  await parked;
});

test('jobs: pages by key, of one state or of all but the dead', async () => {
  const ids: string[] = [];
  for (let at = 0; at < 7; at++) ids.push((await push('list', { job: at })).id);
  await pop('list');
  const seen: string[] = [];
  let after = '';
  do {
    const { jobs, next } = (await ask('GET', `/queues/list/jobs?limit=3${after}`)).json;
    seen.push(...jobs.map(({ id }: { id: string }) => id));
    after = next === undefined ? '' : `&after=${next}`;
  } while (after);
  assert.deepEqual(seen, ids);
  assert.equal((await ask('GET', '/queues/list/jobs?state=ready')).json.jobs.length, 6);
  const [running] = (await ask('GET', '/queues/list/jobs?state=running')).json.jobs;
  assert.equal(running.worker_id, 'w');
  assert.deepEqual((await ask('GET', '/queues/list/jobs?state=dead')).json, { jobs: [] });
});

test('a queue of plain SQL: priority, delay and unique key as the service has them', async () => {
  await sql`
    insert into jobs (queue, job, priority, unique_key, state, run_at)
    values ('sql', '"now"', 5, 'k', 'ready', null),
           ('sql', '"soon"', 0, null, 'scheduled', clock_timestamp() + interval '0.3 s')`;
  assert.equal((await push('sql', { job: 1, unique_key: 'k' })).id.length, 36);
  assert.equal((await pop('sql'))[0].job, 'now');
  assert.equal((await pop('sql', { wait_seconds: 20 }))[0].job, 'soon');
});

const [now, long] = [new Date().toISOString(), 'ü'.repeat(128)];
for (const [what, row, constraint] of [
  ['a ready job with a time', { run_at: now }, 'jobs_state'],
  ['a scheduled job without one', { state: 'scheduled' }, 'jobs_state'],
  ['a running job without a lease', { state: 'running' }, 'jobs_state'],
  ['a running job without a worker', { state: 'running', lease_expires_at: now }, 'jobs_state'],
  ['a ready job with a worker', { worker_id: 'w' }, 'jobs_state'],
  [
    'a running job with a time',
    { state: 'running', worker_id: 'w', lease_expires_at: now, run_at: now },
    'jobs_state',
  ],
  [
    'a scheduled job with a lease',
    { state: 'scheduled', worker_id: 'w', lease_expires_at: now, run_at: now },
    'jobs_state',
  ],
  ['a state that there is not', { state: 'done' }, 'jobs_state'],
  ['a queue without a name', { queue: '' }, 'jobs_names'],
  ['a queue of 256 bytes', { queue: long }, 'jobs_names'],
  ['an empty unique key', { unique_key: '' }, 'jobs_names'],
  ['a unique key of 256 bytes', { unique_key: long }, 'jobs_names'],
  ['a worker of 256 bytes', { state: 'running', worker_id: long, lease_expires_at: now }, 'jobs_names'],
  ['an empty idempotency key', { idempotency_key: '' }, 'jobs_names'],
  ['an idempotency key of 256 bytes', { idempotency_key: long }, 'jobs_names'],
  ['no attempts at all', { max_attempts: 0 }, 'jobs_bounds'],
  ['more attempts than a push may ask for', { max_attempts: 2 ** 31 - 1 }, 'jobs_bounds'],
  ['a count of claims that has no lease', { claims: 1_000_000_000 }, 'jobs_bounds'],
  ['a lease of no time', { lease_seconds: 0 }, 'jobs_bounds'],
  ['a run of no time', { max_run_seconds: 0 }, 'jobs_max_run_seconds'],
  ['a time without end', { queued_at: 'infinity' }, 'jobs_bounds'],
] as const) {
  test(`plain SQL: ${what} is refused`, async () => {
    await assert.rejects(async () => await sql`insert into jobs ${sql({ queue: 'sql', job: '1', ...row })}`, {
      constraint_name: constraint,
    });
  });
}

const unnamable = ['a/b', 'a\\b', 'a\nb', 'a\u0001b', 'a\u007fb', 'a\u0085b', '.', '..'];

test('plain SQL: no table accepts a name that no route can have', async () => {
  await ask('PUT', '/hashes/aa', { identifier: 'i' });
  const dead = {
    id: uuidv7(),
    job: '1',
    priority: 0,
    queued_at: now,
    attempts: 0,
    max_attempts: 1,
    claims: 0,
  };
  const running = { queue: 'q', job: '1', state: 'running', lease_expires_at: now };
  const rows = (name: string): [string, object, string][] => [
    ['jobs', { queue: name, job: '1' }, 'jobs_names'],
    ['jobs', { ...running, worker_id: name }, 'jobs_names'],
    ['dead_jobs', { ...dead, queue: name }, 'dead_jobs_names'],
    ['paused_queues', { queue: name }, 'paused_queues_queue'],
    ['job_ids', { id: uuidv7(), queue: name, job_sha256: Buffer.alloc(32) }, 'job_ids_queue'],
    ['aliases', { alias: name, hash: Buffer.from('aa', 'hex'), delete_token: 't' }, 'aliases_alias_name'],
    ['settings', { key: name, value: Buffer.alloc(1) }, 'settings_key_name'],
  ];
  for (const name of unnamable) {
    const refused = await ask('POST', '/queues/q/pop', { worker_id: name, wait_seconds: 0 });
    assert.equal(refused.status, 400);
    for (const [table, row, constraint_name] of rows(name)) {
      const insert = async () => await sql`insert into ${sql(table)} ${sql(row)}`;
      await assert.rejects(insert, { constraint_name }, `${table} ${JSON.stringify(name)}`);
    }
  }
});

test('the tables accept every name that the API accepts', async () => {
  for (const name of [
    '...',
    '.a',
    'a b',
    'ü\u00a0\u2028',
    '%2f',
    '\'"`$1',
    '\u{1f600}',
    'u0001',
    'x'.repeat(255),
  ]) {
    const path = `/queues/${encodeURIComponent(name)}`;
    assert.equal((await ask('POST', `${path}/jobs`, { job: 1, id: uuidv7() })).status, 201, name);
    assert.equal((await ask('POST', `${path}/pause`)).status, 204);
    assert.equal((await ask('POST', `${path}/resume`)).status, 204);
    const { json } = await ask('POST', `${path}/pop`, { worker_id: name, wait_seconds: 0 });
    const [{ lease }] = json.jobs;
    assert.deepEqual((await ask('POST', `/leases/${lease}/fail`, { retry: false })).json.state, 'dead');
  }
});
