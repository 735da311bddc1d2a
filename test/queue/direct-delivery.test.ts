import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidv7 } from '../../src/uuid.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { scrape } from '../support/metrics.js';
import { park as parkAt } from '../support/park.js';
import { only, type PoppedJob, type PushedJob, queueClient } from '../support/queue-client.js';
import { untilWaiting } from '../support/races.js';
import { type Answer, startTestService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** Jobs that are delivered to polls by the statement that inserts them (src/repos/queue/dispatch/direct-delivery.ts). */
const database = await createDatabase();
const service = await startTestService({}, database);
const replica = queueClient(await startTestService({}, database));
const { ask, sql } = service;
const { push, pop, popAnswer, onLease, job } = queueClient(service);

async function figures(at = service) {
  const all = await scrape(at.base);
  return {
    claims: all.get('pict_repo_queue_batch_size_count', { kind: 'pop' }),
    popped: all.get('pict_repo_jobs_total', { event: 'popped' }),
  };
}

/** A poll that waits at the service, or elsewhere. */
const park = (
  queue: string,
  body: object = {},
  { at = service, ...options }: { at?: TestService; signal?: AbortSignal } = {},
) => parkAt(at, queue, body, options);

const jobsOf = async ({ answer }: { answer: Promise<Answer> }): Promise<PoppedJob[]> => {
  const { status, text, json } = await answer;
  assert.equal(status, 200, text);
  return json.jobs;
};

/** Keeps pushes waiting until `meanwhile` is done; claims go on. */
async function whilePushWaits<Result>(meanwhile: () => Promise<unknown>, pushed: () => Promise<Result>) {
  let result: Promise<Result> | undefined;
  await sql.begin(async (tx) => {
    // Locks it until the end; only pushes ask it for numbers.
    await tx`alter sequence jobs_seq_seq no cycle`;
    result = pushed();
    result.catch(() => {});
    await untilWaiting(sql);
    await meanwhile();
  });
  assert.ok(result);
  return await result;
}

test('push: a waiting poll gets the job at once, without a claim, byte for byte', async () => {
  const parked = await park('direct', { lease_seconds: 77 });
  const before = await figures();
  const odd = '{"b":1,  "a":-0,"n":1e300}';
  const own = uuidv7();
  const body = `{"job": ${odd}, "max_attempts": 9, "id": "${own}"}`;
  const pushed = (await ask('POST', '/queues/direct/jobs', body)).json;
  assert.equal(pushed.id, own);
  assert.deepEqual(Object.keys(pushed).sort(), ['duplicate', 'id']);
  const { text, json } = await parked.answer;
  assert.deepEqual(await figures(), { claims: before.claims, popped: before.popped + 1 });
  assert.ok(text.includes(`"job":${odd},`), text);
  const { id, lease, attempt, max_attempts, queued_at, lease_expires_at } = json.jobs[0];
  assert.deepEqual([id, attempt, max_attempts], [pushed.id, 1, 9]);
  assert.ok(lease.startsWith(`${pushed.id}.1.`), lease);
  const seconds = (Date.parse(lease_expires_at) - Date.parse(queued_at)) / 1000;
  assert.ok(seconds > 76 && seconds < 79, `${seconds} s`);
  const record = (await job(id)).json;
  assert.deepEqual([record.state, record.worker_id, record.attempts], ['running', 'w', 0]);
  assert.equal((await onLease(lease, 'complete')).status, 204);
  assert.equal((await job(id)).status, 404);
});

test('push: the length of the lease is that of the poll, else of the job, else the default', async () => {
  for (const [body, expected, given] of [
    [{ job: 1, lease_seconds: 500 }, 500, {}],
    [{ job: 1, lease_seconds: 500 }, 90, { lease_seconds: 90 }],
    [{ job: 1 }, 60, {}],
  ] as const) {
    const parked = await park('lengths', given);
    await push('lengths', body);
    const [handed] = (await parked.answer).json.jobs;
    const seconds = (Date.parse(handed.lease_expires_at) - Date.parse(handed.queued_at)) / 1000;
    assert.ok(Math.abs(seconds - expected) < 2, `${seconds} s`);
  }
});

test('pushMany: the most urgent jobs go to waiting polls, the others are ready in order', async () => {
  const parked = await park('urgent', { max: 2 });
  await ask('POST', '/queues/urgent/jobs/batch', {
    jobs: [
      { job: 'c', priority: 5 },
      { job: 'a' },
      { job: 'later', delay_seconds: 60 },
      { job: 'b', priority: 1 },
    ],
  });
  assert.deepEqual(
    (await jobsOf(parked)).map(({ job: text }) => text),
    ['a', 'b'],
  );
  assert.deepEqual(
    (await pop('urgent', { max: 9 })).map(({ job: text }) => text),
    ['c'],
  );
  const { json } = await ask('GET', '/queues/urgent/jobs?state=scheduled');
  assert.deepEqual(
    json.jobs.map((row: { job: unknown }) => row.job),
    ['later'],
  );
});

test('push: a job that is due later, or a duplicate, goes to no poll', async () => {
  const existing = await push('same', { job: 1, unique_key: 'k', delay_seconds: 60 });
  const parked = await park('same');
  await push('same', { job: 2, run_at: new Date(Date.now() + 60_000).toISOString() });
  assert.deepEqual(await push('same', { job: 3, unique_key: 'k' }), { id: existing.id, duplicate: true });
  assert.deepEqual(await push('same', { job: 1, id: existing.id }), { id: existing.id, duplicate: true });
  assert.equal(service.parked(), 1);
  const { id } = await push('same', { job: 4 });
  assert.equal(only(await jobsOf(parked)).id, id);
});

test('push: a queue that was paused meanwhile delivers nothing before it is resumed', async () => {
  const parked = await park('paused');
  await replica.ask('POST', '/queues/paused/pause');
  const { id } = await push('paused');
  assert.equal((await job(id)).json.state, 'ready');
  assert.equal(service.parked(), 1);
  await ask('POST', '/queues/paused/resume');
  assert.equal(only(await jobsOf(parked)).id, id);
});

test('push: a client that goes away meanwhile has its job given back, and no attempt is counted', async () => {
  const hangup = new AbortController();
  const { answer } = await park('gone', { worker_id: 'gone' }, { signal: hangup.signal });
  const { id } = await whilePushWaits(
    async () => {
      hangup.abort();
      await assert.rejects(answer);
    },
    () => push('gone'),
  );
  const got = only(await pop('gone', { wait_seconds: 20 }));
  assert.deepEqual([got.id, got.attempt], [id, 1]);
  // What nobody received does not count as a hand-out.
  assert.ok(got.lease.startsWith(`${id}.1.`), got.lease);
});

test('push: a wait that ends meanwhile is answered with the job, or with none, and the job is not lost', async () => {
  const parked = await park('late', { wait_seconds: 1 });
  const { id } = await whilePushWaits(
    () => new Promise((resolve) => setTimeout(resolve, 1100)),
    () => push('late'),
  );
  assert.equal(only(await jobsOf(parked)).id, id);
});

test('push: a failed push leaves the poll waiting, and the next one reaches it', async () => {
  const parked = await park('refused');
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`;
  await sql`
    create trigger refuse before insert on jobs
    for each row when (new.job::text = '"bad"') execute function refuse()`;
  const { status } = await ask('POST', '/queues/refused/jobs', { job: 'bad' });
  await sql`drop trigger refuse on jobs`;
  assert.equal(status, 500);
  const { id } = await push('refused');
  assert.equal(only(await jobsOf(parked)).id, id);
});

test('push: a poll whose key has a job from another replica gets that one, and the new job is not lost', async () => {
  const parked = await park('twin', { worker_id: 'twin', idempotency_key: '1' });
  // As a claim of another process does, which this one is not told of: the poll here still waits.
  const first = uuidv7();
  await sql`
    insert into jobs (id, queue, job, state, claims, worker_id, idempotency_key, slot, lease_expires_at)
    values (${first}, 'twin', '"first"', 'running', 1, 'twin', '1', 1, now() + interval '1 minute')`;
  const { id } = await push('twin', { job: 'second' });
  const here = only(await jobsOf(parked));
  assert.deepEqual([here.lease, here.job], [`${first}.1`, 'first']);
  assert.equal((await job(id)).json.state, 'ready');
});

test('push: a connection that is lost meanwhile delivers the job once', async () => {
  const parked = await park('cut');
  const { id } = await whilePushWaits(
    async () => {
      await sql`
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
    },
    () => push('cut'),
  );
  assert.equal(only(await jobsOf(parked)).id, id);
  assert.deepEqual(await pop('cut'), []);
});

await sql`
  create function wait() returns trigger language plpgsql as $$
  begin perform set_config('lock_timeout', '0', true), pg_advisory_xact_lock(77); return new; end $$`;
await sql`
  create trigger wait before insert on jobs
  for each row when (new.queue like 'adrift%') execute function wait()`;
for (const [whose, idOf] of [
  ['an id of ours', () => undefined],
  ['an id of its client', uuidv7],
] as const) {
  test(`push: after a lost answer, no job stays with a poll that did not get it (${whose})`, async () => {
    const proxy = await startDatabaseProxy(database.url);
    const far = await startTestService({}, { ...database, url: proxy.url });
    for (let tries = 1; ; tries++) {
      const queue = `adrift-${whose.length}-${tries}`;
      const id = idOf();
      const parked = await park(queue, { lease_seconds: 600 }, { at: far });
      let pushed: Promise<PushedJob> | undefined;
      await sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(77)`;
        pushed = queueClient(far).push(queue, { job: 1, max_attempts: 1, ...(id && { id }) });
        await untilWaiting(sql);
        proxy.silence();
      });
      await until(async () => (await sql`select from jobs where queue = ${queue}`).length === 1);
      proxy.cut();
      proxy.open();
      const stands = (await pushed)?.id;
      const answer = await parked.answer;
      // On a slow machine a claim of the poll may be cut off as well, which must not be run twice.
      if (answer.status === 503 && tries < 5) continue;
      const got = only(await jobsOf(parked));
      assert.deepEqual([got.id, got.attempt], [stands, 1]);
      assert.ok(got.lease.startsWith(`${stands}.1.`), got.lease);
      assert.equal(stands, id ?? stands);
      return;
    }
  });
}

test('push: a duplicate of a running job is not taken from its worker', async () => {
  const id = uuidv7();
  await push('taken', { id, job: 1 });
  const { lease } = only(await pop('taken', { worker_id: 'busy' }));
  const parked = await park('taken', { worker_id: 'busy' });
  assert.deepEqual(await push('taken', { id, job: 1 }), { id, duplicate: true });
  assert.equal((await onLease(lease, 'heartbeat')).status, 200);
  assert.equal(service.parked(), 1);
  await push('taken');
  await parked.answer;
});

test('pushMany: the same id twice is one job, and goes to one poll', async () => {
  const polls = [await park('double'), await park('double', { worker_id: 'v' })];
  const id = uuidv7();
  await ask('POST', '/queues/double/jobs/batch', {
    jobs: [
      { id, job: 'stored' },
      { id, job: 'stored' },
    ],
  });
  const got = only((await Promise.race(polls.map(jobsOf))) ?? []);
  const { json } = await job(id);
  assert.equal(got.job, 'stored');
  assert.ok(got.lease.startsWith(`${id}.1.`), got.lease);
  assert.equal(json.job, 'stored');
  assert.equal(service.parked(), 1);
  await push('double', { job: 'last' });
  const all = (await Promise.all(polls.map(jobsOf))).map((jobs) => only(jobs).job);
  assert.deepEqual(all.sort(), ['last', 'stored']);
});

test('push: a poll that repeats the key of a poll which gets a job now gets that job', async () => {
  const key = { worker_id: 'heir', idempotency_key: '1' };
  const hangup = new AbortController();
  const { answer } = await park('heir', key, { signal: hangup.signal });
  let again: Promise<PoppedJob[]> | undefined;
  const { id } = await whilePushWaits(
    async () => {
      hangup.abort();
      await assert.rejects(answer);
      again = pop('heir', key);
      await until(() => service.parked() === 2);
    },
    () => push('heir'),
  );
  assert.equal(only((await again) ?? []).id, id);
});

test('pushMany: a push that waits for another transaction keeps no poll waiting', async () => {
  const parked = await park('rival', { wait_seconds: 0.5 });
  let pushed: Promise<Answer> | undefined;
  await sql.begin(async (tx) => {
    await tx`
      insert into jobs (queue, job, unique_key, state, run_at)
      values ('rival', '1', 'k', 'scheduled', now() + interval '1 h')`;
    pushed = ask('POST', '/queues/rival/jobs/batch', { jobs: [{ job: 1, unique_key: 'k' }, { job: 2 }] });
    await untilWaiting(sql);
    assert.deepEqual(await jobsOf(parked), []);
  });
  const { json } = (await pushed) ?? {};
  assert.deepEqual(
    json.jobs.map(({ duplicate }: PushedJob) => duplicate),
    [true, false],
  );
});

test('push: 300 jobs to 100 polls of one job reach each of them once', async () => {
  const polls = Array.from({ length: 100 }, (_, at) =>
    popAnswer('crowd', { worker_id: `w${at}`, wait_seconds: 20 }),
  );
  await until(() => service.parked() === 100);
  const pushed = await Promise.all(Array.from({ length: 300 }, (_, at) => push('crowd', { job: at })));
  const got = (await Promise.all(polls)).map(({ json }) => only(json.jobs).id);
  const rest = (await pop('crowd', { max: 250 })).map(({ id }) => id);
  assert.deepEqual([...got, ...rest].sort(), pushed.map(({ id }) => id).sort());
});
