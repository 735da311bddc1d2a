import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransactionSql } from 'postgres';
import { uuidv7 } from '../../src/uuid.js';
import { createDatabase } from '../support/database.js';
import { watchDeadlocks } from '../support/deadlocks.js';
import { MANY_POLLS } from '../support/park.js';
import { startProxyWithoutNotifications } from '../support/proxy-without-notifications.js';
import { only, type PoppedJob, queueClient } from '../support/queue-client.js';
import { hammer } from '../support/queue-hammer.js';
import { untilWaiting, whileOpen } from '../support/races.js';
import { JSON_TYPE, withBody } from '../support/raw-http.js';
import { type Answer, startTestService, type TestService } from '../support/service.js';
import { startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

const database = await createDatabase();
const env = { QUEUE_BACKOFF_MAX_SECONDS: '1' };
const here = await startTestService(env, database);
/** Another process of the same service, as far as PostgreSQL can tell. */
const there = await startTestService(env, database);
const { ask, sql } = here;
const { push, pop, onLease, job } = queueClient(here);

/** How the only job comes to a poll that is parked on another replica, and after how many milliseconds. */
async function wakes(
  queue: string,
  act: () => Promise<unknown>,
  on: TestService = there,
): Promise<{ job: PoppedJob; ms: number }> {
  await until(() => on.parked() === 0);
  const parked = queueClient(on).pop(queue, { worker_id: 'parked', wait_seconds: 20 });
  await until(() => on.parked() === 1);
  const begun = performance.now();
  await act();
  const popped = only(await parked);
  return { job: popped, ms: performance.now() - begun };
}

/** The second slowest is left out of account, and so is the slowest: machines hiccup. */
async function usualMs(queue: string, pushHere = push, on?: TestService): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 6; round++) times.push((await wakes(queue, () => pushHere(queue), on)).ms);
  return times.sort((a, b) => a - b)[3] ?? Number.NaN;
}

const held = async (queue: string, body?: object): Promise<PoppedJob> => {
  await push(queue, body);
  return only(await pop(queue, { worker_id: 'holder' }));
};
const listeners = () => sql<{ pid: number }[]>`
  select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'`;

/** Each prepares a queue, and says how a job of it becomes ready here, and which attempt is next. */
const ways: Record<string, (queue: string) => Promise<{ act: () => Promise<unknown>; attempt: number }>> = {
  push: async (queue) => ({ act: () => push(queue), attempt: 1 }),
  pushMany: async (queue) => {
    return { act: () => ask('POST', `/queues/${queue}/jobs/batch`, { jobs: [{ job: 1 }] }), attempt: 1 };
  },
  'a delay that runs out': async (queue) => {
    await push(queue, { job: 1, delay_seconds: 0.7 });
    return { act: async () => {}, attempt: 1 };
  },
  release: async (queue) => {
    const { lease } = await held(queue);
    return { act: () => onLease(lease, 'release'), attempt: 1 };
  },
  'fail with delay_seconds 0': async (queue) => {
    const { lease } = await held(queue);
    return { act: () => onLease(lease, 'fail', { delay_seconds: 0 }), attempt: 2 };
  },
  'a backoff that runs out': async (queue) => {
    const { lease } = await held(queue);
    return { act: () => onLease(lease, 'fail'), attempt: 2 };
  },
  'a lease that runs out': async (queue) => {
    await held(queue, { job: 1, lease_seconds: 1 });
    return { act: async () => {}, attempt: 2 };
  },
  requeueInProgress: async (queue) => {
    await held(queue);
    return { act: () => ask('POST', '/workers/holder/requeue'), attempt: 2 };
  },
  redrive: async (queue) => {
    const { lease } = await held(queue);
    await onLease(lease, 'fail', { retry: false });
    return { act: () => ask('POST', `/queues/${queue}/redrive`), attempt: 1 };
  },
  resume: async (queue) => {
    await ask('POST', `/queues/${queue}/pause`);
    await push(queue);
    return { act: () => ask('POST', `/queues/${queue}/resume`), attempt: 1 };
  },
  'cleanup with enqueue': async (queue) => {
    await ask('PUT', '/hashes/c1ea', { identifier: 'c1ea.png' });
    return { act: () => ask('DELETE', `/hashes/c1ea?enqueue=${queue}`), attempt: 1 };
  },
  'a raw SQL insert': async (queue) => {
    return { act: () => sql`insert into jobs (queue, job) values (${queue}, '1')`, attempt: 1 };
  },
};

for (const [at, [name, prepare]] of Object.entries(ways).entries()) {
  test(`${name}: wakes a poll that is parked on another replica`, async () => {
    const { act, attempt } = await prepare(`way-${at}`);
    const woken = await wakes(`way-${at}`, act);
    assert.equal(woken.job.attempt, attempt);
    // The slowest are a sweep of at most 0.9 s after 1 s, or the fallback poll of at most 2 s.
    assert.ok(woken.ms < 5000, `after ${woken.ms} ms`);
  });
}

test('NOTIFY: a push on another replica is delivered at once', async () => {
  const ms = await usualMs('prompt');
  assert.ok(ms < 400, `${ms} ms`);
});

test('NOTIFY: pushes to 100 queues with long names go out in few payloads of less than 8 KB', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `${at}-${'x'.repeat(240)}`);
  const payloads: string[] = [];
  const { unlisten } = await sql.listen('pict_repo_jobs', (payload) => payloads.push(payload));
  const polls = names.map((name) => queueClient(there).pop(name, { wait_seconds: 20 }));
  await until(() => there.parked() === 100);
  const begun = performance.now();
  await Promise.all(names.map((name) => push(name)));
  assert.ok((await Promise.all(polls)).every((popped) => popped.length === 1));
  await until(() => new Set(payloads.flatMap((payload) => payload.split('\n').slice(1))).size >= 100);
  await unlisten();
  assert.ok(payloads.every((payload) => Buffer.byteLength(payload) < 8000));
  // One each 10 ms at most, of the hundred that were pushed.
  const most = 10 + (performance.now() - begun) / 10;
  assert.ok(payloads.length < most, `${payloads.length} payloads, where ${most} are few`);
});

test('NOTIFY: a process that is alone notifies once a second, and at once again when another one listens', async () => {
  const alone = await startTestService(env);
  const pushAlone = queueClient(alone).push;
  let rings = 0;
  const { unlisten } = await alone.sql.listen('pict_repo_jobs', (payload) => {
    if (payload.includes('\n')) rings++;
  });
  /** Much more often than once a second, and not all the time. */
  const pushOften = async (): Promise<void> => {
    await pushAlone('many');
    await sleep(40);
  };
  const ringsWhilePushing = async (ms: number): Promise<number> => {
    const [before, end] = [rings, performance.now() + ms];
    while (performance.now() < end) await pushOften();
    return rings - before;
  };
  await until(async () => (await ringsWhilePushing(300)) <= 1);

  const other = await startTestService(env, alone);
  assert.ok((await usualMs('prompt', pushAlone, other)) < 400);
  // It does not forget the other, which has nothing to say itself.
  const [before, begun] = [rings, performance.now()];
  while (rings - before < 20 || performance.now() - begun < 1500) await pushOften();
  const perSecond = (rings - before) / ((performance.now() - begun) / 1000);
  assert.ok(perSecond > 2, `${perSecond} rings a second`);
  assert.ok((await usualMs('prompt', pushAlone, other)) < 400);
  await other.close();
  await until(async () => (await ringsWhilePushing(300)) <= 1);
  await unlisten();
});

test('a listener that was killed: the fallback poll delivers, and NOTIFY works again after', async () => {
  await until(async () => (await listeners()).length === 2);
  const killed = (await listeners()).map(({ pid }) => pid);
  const { ms } = await wakes('killed', async () => {
    await sql`select pg_terminate_backend(pid) from unnest(${killed}::integer[]) as listener (pid)`;
    await push('killed');
  });
  assert.ok(ms < 5000, `${ms} ms`);
  await until(async () => (await listeners()).filter(({ pid }) => !killed.includes(pid)).length === 2);
  const usual = await usualMs('killed');
  assert.ok(usual < 400, `${usual} ms`);
});

test('a listener that gets no notifications: the fallback poll delivers within its 2 seconds', async () => {
  const proxy = await startProxyWithoutNotifications(database.url);
  const without = await startTestService({ ...env, DATABASE_DIRECT_URL: proxy.url }, database);
  for (let round = 0; round < 3; round++) {
    const { ms } = await wakes('without', () => push('without'), without);
    assert.ok(ms < 4000, `${ms} ms`);
  }
  await until(() => proxy.swallowed() > 0);
  await without.close();
});

test('SIGTERM: parked polls are answered at once, and no job stays leased that no worker got', async () => {
  const replica = await startServiceProcess({ DATABASE_URL: database.url });
  const polls = Array.from({ length: MANY_POLLS }, async (_, at) => {
    const response = await fetch(`${replica.base}/v1/queues/term/pop`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ worker_id: `w${at}`, wait_seconds: 55 }),
    });
    const { jobs } = (await response.json()) as { jobs: PoppedJob[] };
    return { status: response.status, jobs };
  });
  const answered = Promise.all(polls);
  const parked = async () => {
    const stats = await (await fetch(`${replica.base}/v1/queues/term`)).json();
    return (stats as { parked: number }).parked;
  };
  await Promise.race([answered, until(async () => (await parked()) === MANY_POLLS, 60)]);
  // Some are handed a job while the process stops.
  await sql`insert into jobs (queue, job) select 'term', '1' from generate_series(1, 100)`;
  await Promise.all(Array.from({ length: 20 }, () => push('term')));
  const begun = performance.now();
  assert.equal(await replica.end('SIGTERM'), 0);
  const ms = performance.now() - begun;
  assert.ok(ms < 15_000, `${ms} ms`);
  const answers = await answered;
  assert.ok(answers.every(({ status }) => status === 200));
  const got = answers.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  const leased = await sql<{ id: string }[]>`select id from jobs where queue = 'term' and state = 'running'`;
  assert.deepEqual(leased.map(({ id }) => id).sort(), got.sort());
});

test('two replicas sweep a lease that ran out once: one attempt more, one claim more', async () => {
  const { jobs } = (
    await ask('POST', '/queues/swept/jobs/batch', {
      jobs: Array.from({ length: 50 }, () => ({ job: 1, lease_seconds: 600 })),
    })
  ).json;
  assert.equal((await pop('swept', { max: 50 })).length, jobs.length);
  for (let attempt = 2; attempt <= 4; attempt++) {
    await sql`update jobs set lease_expires_at = clock_timestamp() - interval '1 day' where queue = 'swept'`;
    await until(
      async () => (await sql`select from jobs where queue = 'swept' and state = 'ready'`).length === 50,
    );
    const client = queueClient(attempt % 2 ? here : there);
    const again = await client.pop('swept', { max: 50 });
    // A pop passes over what is locked at that moment.
    while (again.length < 50) again.push(...(await client.pop('swept', { max: 50, wait_seconds: 20 })));
    assert.deepEqual(
      again.map((popped) => [popped.attempt, popped.lease.split('.')[1]]),
      again.map(() => [attempt, String(attempt)]),
    );
  }
});

test('replicas that work on the same jobs under load: no deadlock, no 5xx', async () => {
  const arena = await watchDeadlocks(await createDatabase());
  const replicas = await Promise.all([1, 2, 3].map(() => startTestService(env, arena.database)));
  const { asked, failures } = await hammer(replicas, 400);
  await Promise.all(replicas.map((replica) => replica.close()));
  assert.deepEqual(failures, []);
  assert.equal(await arena.deadlocks(), 0, `after ${asked} requests`);
});

test('redrive and a purge of dead jobs skip what another transaction has locked', async () => {
  const ids = [uuidv7(), uuidv7()];
  for (const id of ids) {
    await sql`
      insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
      values (${id}, 'graves', '1', 0, now(), 1, 1, 1)`;
  }
  await sql.begin(async (tx) => {
    await tx`select from dead_jobs where id = ${ids[0] ?? ''} for update`;
    assert.deepEqual((await ask('POST', '/queues/graves/redrive')).json, { redriven: 1, skipped: 0 });
    assert.deepEqual((await ask('POST', '/queues/graves/purge?which=dead')).json, { purged: 0 });
  });
  assert.deepEqual((await ask('POST', '/queues/graves/purge?which=dead')).json, { purged: 1 });
});

// What follows has a rival on another replica, whose statement is not committed yet.

for (const verb of ['fail', 'release'] as const) {
  test(`${verb}, race: a cancel that is committed first removes the job`, async () => {
    const { id, lease } = await held(`cancel-${verb}`);
    const body = verb === 'fail' ? { delay_seconds: 0 } : undefined;
    const answer = await whileOpen(
      sql,
      (tx) => tx`update jobs set cancel_requested = true where id = ${id}`,
      () => onLease(lease, verb, body),
    );
    assert.ok(answer.status < 300);
    assert.equal((await job(id)).status, 404, `it is ${(await job(id)).json.state}`);
  });
}

test('requeueInProgress, race: a cancel that is committed first removes the job', async () => {
  const { id } = await held('cancel-requeue');
  const answer = await whileOpen(
    sql,
    (tx) => tx`update jobs set cancel_requested = true where id = ${id}`,
    () => ask('POST', '/workers/holder/requeue'),
  );
  assert.equal(answer.status, 200);
  assert.equal((await job(id)).status, 404, `it is ${(await job(id)).json.state}`);
});

test('complete, race: repeated while the first is committed, it says gone', async () => {
  const { id, lease } = await held('repeated');
  const answer = await whileOpen(
    sql,
    (tx) => tx`delete from jobs where id = ${id}`,
    () => onLease(lease, 'complete'),
  );
  assert.deepEqual([answer.status, answer.json.state], [409, 'gone']);
});

test('complete, race: a release that is committed first has won, and the answer says ready', async () => {
  const { id, lease } = await held('overtaken');
  const answer = await whileOpen(
    sql,
    (tx) => tx`
      update jobs set state = 'ready', worker_id = null, lease_expires_at = null where id = ${id}`,
    () => onLease(lease, 'complete'),
  );
  assert.deepEqual([answer.status, answer.json.state], [409, 'ready']);
});

/** The job dies on another replica. */
const bury = (id: string) => (tx: TransactionSql) =>
  tx`
  with dying as (delete from jobs where id = ${id} returning *)
  insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
  select id, queue, job, priority, queued_at, attempts + 1, max_attempts, claims from dying`;

test('complete, race: where the job dies first, the answer says dead', async () => {
  const { id, lease } = await held('dying');
  const answer = await whileOpen(sql, bury(id), () => onLease(lease, 'complete'));
  assert.deepEqual([answer.status, answer.json.state], [409, 'dead']);
});

test('cancel, race: a job that dies first is gone all the same', async () => {
  const { id } = await held('dying-cancelled');
  assert.equal((await whileOpen(sql, bury(id), () => ask('DELETE', `/jobs/${id}`))).status, 204);
  assert.equal((await job(id)).status, 404, `it is ${(await job(id)).json.state}`);
});

test('push, race: repeated while its job dies, it is a duplicate, and the job is there once', async () => {
  const id = uuidv7();
  await held('dying-pushed', { job: 1, id });
  let again: Promise<Answer> | undefined;
  await sql.begin(async (tx) => {
    await bury(id)(tx);
    again = ask('POST', '/queues/dying-pushed/jobs', { job: 1, id });
    await Promise.race([again, untilWaiting(sql)]);
  });
  const found = await sql`
    select id from jobs where id = ${id} union all select id from dead_jobs where id = ${id}`;
  assert.deepEqual([(await again)?.status, found.length], [200, 1]);
});

// What follows has a client that goes away while its claim waits for a lock, and so is in flight.

/** A poll whose claim is in flight when its client hangs up. */
async function hangUp(queue: string, on: TestService, body: object = {}): Promise<void> {
  const before = on.parked();
  const hangup = new AbortController();
  const asked = queueClient(on).popAnswer(queue, { worker_id: 'gone', ...body }, { signal: hangup.signal });
  await Promise.all([untilWaiting(sql), until(() => on.parked() > before)]);
  hangup.abort();
  await assert.rejects(asked);
  // By the time that a connection made later is answered, the service has seen this one end.
  await fetch(`${on.base}/v1/none`);
}

const states = (queue: string) => sql`
  select state, attempts, worker_id from jobs where queue = ${queue}`;

test('close: a job claimed for a client that went away is given back before the end', async () => {
  await push('closing');
  const leaving = await startTestService(env, database);
  let closed: Promise<void> | undefined;
  await sql.begin(async (tx) => {
    await tx`lock table paused_queues in access exclusive mode`;
    await hangUp('closing', leaving);
    closed = leaving.close();
    await refused(leaving);
  });
  await closed;
  assert.deepEqual([...(await states('closing'))], [{ state: 'ready', attempts: 0, worker_id: null }]);
});

/** It takes no connections any more. */
async function refused({ base }: TestService): Promise<void> {
  await until(() =>
    fetch(base).then(
      () => false,
      () => true,
    ),
  );
}

test('pop: where a poll and the newer one with its key are both gone, the job is given back', async () => {
  await push('superseded');
  await sql.begin(async (tx) => {
    await tx`lock table paused_queues in access exclusive mode`;
    for (let round = 0; round < 2; round++) await hangUp('superseded', here, { idempotency_key: 'k' });
  });
  await until(async () => (await states('superseded'))[0]?.['state'] === 'ready', 5);
  assert.equal((await states('superseded'))[0]?.['attempts'], 0);
});

test('pop: a newer poll with the same worker and key replaces the older, answered empty', async () => {
  await until(() => here.parked() === 0);
  const body = { worker_id: 'twice', idempotency_key: 'k', wait_seconds: 20 };
  const older = pop('replaced', body);
  await until(() => here.parked() === 1);
  const newer = pop('replaced', body);
  assert.deepEqual(await older, []);
  assert.equal(here.parked(), 1);
  const { id } = await push('replaced');
  assert.equal(only(await newer).id, id);
});

test('pop: jobs that a key gets again do not hide a more urgent one that was pushed here', async () => {
  const again = { worker_id: 'again', idempotency_key: 'k' };
  const there1 = queueClient(there);
  const { id } = await there1.push('urgent');
  assert.equal(only(await there1.pop('urgent', again)).id, id);
  await there1.push('urgent');
  const urgent = await push('urgent', { job: 1, priority: -1 });
  assert.equal(only(await pop('urgent', again)).id, id);
  assert.equal(only(await pop('urgent')).id, urgent.id);
});

test('pop: a client that goes away while its answer of 7 MiB is written gives all of it back', async () => {
  await sql`
    insert into jobs (queue, job)
    select 'heavy', to_json(repeat('x', 250 * 1024)) from generate_series(1, 28)`;
  const { hostname, port } = new URL(here.base);
  const socket = connect({ host: hostname, port: Number(port) });
  const body = JSON.stringify({ worker_id: 'gone', max: 28, wait_seconds: 20 });
  socket.write(withBody('POST /v1/queues/heavy/pop HTTP/1.1', body, JSON_TYPE));
  // The answer has begun, and more of it than the kernel holds is still to come.
  await once(socket, 'readable');
  assert.equal((await states('heavy')).filter(({ state }) => state === 'running').length, 28);
  socket.destroy();
  await until(async () => (await states('heavy')).every(({ state }) => state === 'ready'));
  assert.ok((await states('heavy')).every(({ attempts }) => attempts === 0));
});
