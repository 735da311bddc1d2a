import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { uuidv7 } from '../../src/uuid.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { newHash } from '../support/new-hash.js';
import { only, type PoppedJob, queueClient } from '../support/queue-client.js';
import { type Answer, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** What docs/isolation.md promises: nobody waits for what another transaction holds, nor for the fault of another's row. */

const database = await createDatabase();
const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' }, database);
const { ask, sql } = service;
const { push, pop, popAnswer, onLease, job } = queueClient(service);

/** As the docs say; a busy machine gets more. */
const NEIGHBOUR_MS = 3000;

/** Neighbours are answered while `rival` holds what `request` needs; the request itself as soon as it lets go. */
async function besides(
  rival: (tx: TransactionSql) => Promise<unknown>,
  request: () => Promise<Answer>,
  neighbours: (() => Promise<Answer>)[],
  beforeEnd: () => Promise<void> = async () => {},
): Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  let isOpen = true;
  await sql.begin(async (tx) => {
    await rival(tx);
    answer = request();
    answer.then(
      () => assert.ok(!isOpen, 'the request did not need what the rival holds'),
      () => {},
    );
    for (let round = 0; round < 3; round++) {
      const began = performance.now();
      const answers = await Promise.all(neighbours.map((ask) => ask()));
      const took = performance.now() - began;
      assert.deepEqual(
        answers.map(({ status }) => status < 300),
        answers.map(() => true),
      );
      assert.ok(took < NEIGHBOUR_MS, `neighbours waited for ${Math.round(took)} ms`);
    }
    await beforeEnd();
    isOpen = false;
  });
  if (!answer) throw new Error('nothing was asked');
  return await answer;
}

const pushes = (queue: string) => [
  () => ask('POST', `/queues/${queue}/jobs`, { job: 1 }),
  () => ask('POST', `/queues/${queue}/jobs`, { job: 1, unique_key: uuidv7() }),
  () => ask('POST', `/queues/${queue}/jobs`, { job: 1, id: uuidv7() }),
  () => ask('POST', `/queues/${queue}/jobs/batch`, { jobs: [{ job: 1, unique_key: uuidv7() }, { job: 2 }] }),
];

test('many requests for one locked row hold up no other operation', async () => {
  const hash = newHash();
  assert.equal((await ask('PUT', '/settings/wanted', 'x')).status, 204);
  assert.equal((await ask('PUT', `/hashes/${hash}`, { identifier: hash })).status, 201);
  const { json } = await ask('POST', '/queues/wanted/jobs', { job: 1 });
  const ways: [(tx: TransactionSql) => Promise<unknown>, () => Promise<Answer>][] = [
    [
      (tx) => tx`select from settings where key = 'wanted' for update`,
      () => ask('PUT', '/settings/wanted', 'y'),
    ],
    [(tx) => tx`select from jobs where id = ${json.id} for update`, () => ask('DELETE', `/jobs/${json.id}`)],
    [
      (tx) => tx`select from hashes where hash = decode(${hash}, 'hex') for update`,
      () => ask('DELETE', `/hashes/${hash}`),
    ],
  ];
  for (const [rival, request] of ways) {
    const more: Promise<Answer>[] = [];
    await besides(rival, () => {
      // More than there are sessions.
      for (let n = 0; n < 14; n++) more.push(request());
      return request();
    }, [
      ...pushes('beside'),
      () => ask('GET', '/media?alias=none').then((answer) => ({ ...answer, status: answer.status - 204 })),
      () => ask('PUT', `/hashes/${newHash()}`, { identifier: uuidv7() }),
      () => ask('POST', '/queues/beside/pause'),
    ]);
    for (const { status } of await Promise.all(more)) assert.ok(status < 300, String(status));
  }
});

test('push: a unique key that another transaction is inserting holds up nobody else', async () => {
  const answer = await besides(
    (tx) => tx`insert into jobs (queue, job, unique_key) values ('a', '1', 'k')`,
    () => ask('POST', '/queues/a/jobs', { job: 1, unique_key: 'k' }),
    pushes('b'),
  );
  assert.deepEqual([answer.status, answer.json.duplicate], [200, true]);
});

test('push: an id that another transaction is inserting holds up nobody else', async () => {
  const id = uuidv7();
  const answer = await besides(
    (tx) => tx`insert into jobs (id, queue, job) values (${id}, 'ids', '1')`,
    () => ask('POST', '/queues/ids/jobs', { job: 1, id }),
    pushes('ids'),
  );
  assert.deepEqual([answer.status, answer.json], [200, { id, duplicate: true }]);
});

test('pushMany: one that waits for one of its keys holds up no push of another of its keys', async () => {
  const answer = await besides(
    (tx) => tx`insert into jobs (queue, job, unique_key) values ('many', '1', 'taken')`,
    () =>
      ask('POST', '/queues/many/jobs/batch', {
        jobs: ['taken', 'free'].map((unique_key) => ({ job: 1, unique_key })),
      }),
    [() => ask('POST', '/queues/many/jobs', { job: 1, unique_key: 'free' })],
  );
  assert.deepEqual(
    answer.json.jobs.map(({ duplicate }: { duplicate: boolean }) => duplicate),
    [true, true],
  );
});

test('pushMany: however many with ids wait for a key, those of other keys go on', async () => {
  const batch = (queue: string, unique_key?: string) => () =>
    ask('POST', `/queues/${queue}/jobs/batch`, {
      jobs: [
        { job: 1, id: uuidv7(), ...(unique_key && { unique_key }) },
        { job: 2, id: uuidv7() },
      ],
    });
  const answer = await besides((tx) =>
    tx`insert into jobs (queue, job, unique_key) values ('whole', '1', 'taken')`, async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 40 }, batch('whole', 'taken')));
    assert.ok(first && others.every(({ status }) => status === 200));
    return first;
  }, [batch('whole-2')]);
  assert.equal(answer.json.jobs[0].duplicate, true);
});

const endings = {
  complete: (lease: string) => onLease(lease, 'complete'),
  fail: (lease: string) => onLease(lease, 'fail', { delay_seconds: 0 }),
  release: (lease: string) => onLease(lease, 'release'),
  heartbeat: (lease: string) => onLease(lease, 'heartbeat'),
};
for (const [way, end] of Object.entries(endings)) {
  test(`${way}: a job that another transaction has locked holds up no other`, async () => {
    const queue = `locked-${way.length}-${way[0]}`;
    for (let n = 0; n < 5; n++) await push(queue);
    const jobs = await pop(queue, { max: 5 });
    const [locked, ...free] = jobs.map(({ lease }) => lease);
    assert.ok(locked !== undefined);
    const neighbours = () => {
      const lease = free.pop();
      return lease === undefined ? popAnswer(queue) : end(lease);
    };
    const answer = await besides(
      (tx) => tx`select from jobs where id = ${locked.slice(0, 36)} for update`,
      () => end(locked),
      [neighbours, () => popAnswer('empty')],
    );
    assert.ok(answer.status < 300, answer.text);
  });
}

test('a locked lease among several is contended, and the others and the new jobs are answered', async () => {
  for (let n = 0; n < 10; n++) await push('several');
  const jobs = await pop('several', { max: 10 });
  const [locked, ...free] = jobs.map(({ lease }) => lease);
  assert.ok(locked !== undefined);
  const both = (): [string, string] => [locked, free.pop() ?? ''];
  const outcomes = (results: { outcome: string }[]) => results.map(({ outcome }) => outcome);
  const { id } = await push('several', { job: 'new' });
  await sql.begin(async (tx) => {
    await tx`select from jobs where id = ${locked.slice(0, 36)} for update`;
    const began = performance.now();
    const [beats, completions, popped] = await Promise.all([
      ask('POST', '/leases/heartbeat', { leases: both() }),
      ask('POST', '/leases/complete', { leases: both() }),
      popAnswer('several', { completed: both(), wait_seconds: 20 }),
    ]);
    assert.ok(performance.now() - began < NEIGHBOUR_MS);
    assert.deepEqual(outcomes(beats.json.results), ['contended', 'extended']);
    assert.deepEqual(outcomes(completions.json.results), ['contended', 'completed']);
    assert.deepEqual(outcomes(popped.json.completed), ['contended', 'completed']);
    assert.deepEqual(
      popped.json.jobs.map((job: PoppedJob) => job.id),
      [id],
    );
  });
  // Nothing of it has been done, and nothing is done later.
  assert.equal((await job(locked.slice(0, 36))).json.state, 'running');
  const { json } = await ask('POST', '/leases/complete', { leases: [locked] });
  assert.deepEqual(outcomes(json.results), ['completed']);
});

test('hundreds of locked leases in a request, and a database that is far away: contended in time', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const far = await startTestService({}, { url: proxy.url, sql });
  await sql`insert into jobs (queue, job) select 'hundreds', '1' from generate_series(1, 500)`;
  const leases = (await pop('hundreds', { max: 500, lease_seconds: 120 })).map(({ lease }) => lease);
  const outcomes = new Set(['contended']);
  await sql.begin(async (tx) => {
    await tx`select from jobs where queue = 'hundreds' for update`;
    proxy.slow(() => 10);
    const began = performance.now();
    for (const verb of ['heartbeat', 'complete']) {
      const { json } = await far.ask('POST', `/leases/${verb}`, { leases });
      assert.deepEqual(new Set(json.results.map(({ outcome }: { outcome: string }) => outcome)), outcomes);
    }
    assert.ok(performance.now() - began < 2 * NEIGHBOUR_MS);
  });
  proxy.slow(() => 0);
});

test('pop: a job that its key holds, but another transaction has locked, holds up no other poll', async () => {
  await push('keyed');
  const body = { idempotency_key: 'k', worker_id: 'keyed', wait_seconds: 20 };
  const first = only(await pop('keyed', body));
  let again: Promise<PoppedJob[]> | undefined;
  await sql.begin(async (tx) => {
    await tx`select from jobs where id = ${first.id} for update`;
    again = pop('keyed', body);
    await until(() => service.parked() === 1);
    for (let n = 0; n < 3; n++) {
      await push('keyed', { job: n });
      assert.equal(only(await pop('keyed', { worker_id: 'other', wait_seconds: 20 })).job, n);
    }
  });
  assert.equal(only((await again) ?? []).lease, first.lease);
});

test('push: a job for a poll, whose key another transaction is inserting, goes to nobody and holds up no push', async () => {
  const body = { idempotency_key: 'k', worker_id: 'rivalled', wait_seconds: 20 };
  const parked = popAnswer('rivalled', body);
  await until(() => service.parked() === 1);
  const answer = await besides(
    (tx) => tx`
      insert into jobs (queue, job, state, claims, worker_id, lease_expires_at, idempotency_key, slot)
      values ('rivalled', '"rival"', 'running', 1, 'rivalled', now() + interval '1 h', 'k', 1)`,
    () => parked,
    [() => ask('POST', '/queues/rivalled/jobs', { job: 1 })],
  );
  assert.equal(answer.json.jobs[0].job, 'rival');
});

test('pop: however many keys hold locked jobs, the other polls of the queue go on', async () => {
  const keyed = Array.from({ length: 10 }, (_, n) => ({ worker_id: `keyed-${n}`, idempotency_key: 'k' }));
  for (const body of keyed) {
    await push('many-keys');
    only(await pop('many-keys', body));
  }
  let again: Promise<PoppedJob[]>[] = [];
  await sql.begin(async (tx) => {
    await tx`select from jobs where queue = 'many-keys' for update`;
    again = keyed.map((body) => pop('many-keys', { ...body, wait_seconds: 20 }));
    await until(() => service.parked() === keyed.length);
    for (const wait_seconds of [0, 20]) {
      await push('many-keys', { job: wait_seconds });
      assert.equal(only(await pop('many-keys', { worker_id: 'other', wait_seconds })).job, wait_seconds);
    }
  });
  for (const jobs of await Promise.all(again)) only(jobs);
});

test('pop: 503 where a job that its key holds stays locked, and neither an empty queue nor a part of its jobs', async () => {
  for (let n = 0; n < 2; n++) await push('parts');
  const body = { idempotency_key: 'k', worker_id: 'parts', max: 2 };
  const jobs = await pop('parts', body);
  await sql.begin(async (tx) => {
    await tx`select from jobs where id = ${jobs[0]?.id ?? ''} for update`;
    const { status, json } = await popAnswer('parts', body);
    assert.deepEqual([status, json.code], [503, 'contended']);
  });
  assert.deepEqual(
    (await pop('parts', body)).map(({ lease }) => lease).sort(),
    jobs.map(({ lease }) => lease).sort(),
  );
});

test('accesses: an alias or variant that another transaction has locked holds up no other', async () => {
  const hash = newHash();
  await ask('PUT', `/hashes/${hash}`, { identifier: hash });
  for (const alias of ['locked', 'free']) {
    await ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't' });
    await ask('PUT', `/hashes/${hash}/variant?variant=${alias}`, { identifier: `${hash}/${alias}` });
    await ask('PUT', `/aliases/${alias}/access`);
    await ask('PUT', `/hashes/${hash}/variant/access?variant=${alias}`);
  }
  const ways: [string, (tx: TransactionSql) => Promise<unknown>, (name: string) => Promise<Answer>][] = [
    [
      'its alias',
      (tx) => tx`select from aliases where alias = 'locked' for update`,
      (name) => ask('PUT', `/aliases/${name}/access`, { at: '2100-01-01T00:00:00Z' }),
    ],
    [
      'its access',
      (tx) => tx`select from alias_accesses where alias = 'locked' for update`,
      (name) => ask('PUT', `/aliases/${name}/access`, { at: '2100-01-01T00:00:00Z' }),
    ],
    [
      'its variant',
      (tx) => tx`select from variants where variant = 'locked' for update`,
      (name) => ask('PUT', `/hashes/${hash}/variant/access?variant=${name}`, { at: '2100-01-01T00:00:00Z' }),
    ],
    [
      'its access',
      (tx) => tx`select from variant_accesses where variant = 'locked' for update`,
      (name) => ask('PUT', `/hashes/${hash}/variant/access?variant=${name}`, { at: '2100-01-01T00:00:00Z' }),
    ],
  ];
  for (const [what, rival, access] of ways) {
    const answer = await besides(rival, () => access('locked'), [() => access('free')]);
    assert.equal(answer.status, 204, what);
  }
});

test('creates: a key, a value or a parent that another transaction holds holds up no other create', async () => {
  const hash = newHash();
  const child = newHash();
  for (const one of [hash, child]) await ask('PUT', `/hashes/${one}`, { identifier: one });
  await ask('PUT', '/aliases/creates', { hash, delete_token: 't' });
  await ask('PUT', '/aliases/creates-child', { hash, delete_token: 't' });
  await ask('PUT', '/details?identifier=creates', {});
  const creates: Record<string, (key: string, parent: string, value: string) => Promise<Answer>> = {
    hash: (key, _, value) => ask('PUT', `/hashes/${Buffer.from(key).toString('hex')}`, { identifier: value }),
    variant: (key, of, value) => ask('PUT', `/hashes/${of}/variant?variant=${key}`, { identifier: value }),
    alias: (key, of) => ask('PUT', `/aliases/${key}`, { hash: of, delete_token: 't' }),
    proxy: (key, of) =>
      ask('PUT', '/proxies', { url: key, alias: of === hash ? 'creates' : 'creates-child' }),
    details: (key) => ask('PUT', `/details?identifier=${key}`, { n: 1 }),
  };
  const ways: [
    kind: string,
    rival: (tx: TransactionSql) => Promise<unknown>,
    key: string,
    expected: number,
  ][] = [
    ['hash', (tx) => tx`insert into hashes (hash, identifier) values ('key', 'rival-1')`, 'key', 409],
    ['hash', (tx) => tx`insert into hashes (hash, identifier) values ('rival', 'hash-mine')`, 'value', 409],
    [
      'hash',
      (tx) => tx`
        insert into variants (hash, variant, identifier) values (decode(${child}, 'hex'), 'other', 'hash-mine-too')`,
      'value-too',
      409,
    ],
    [
      'variant',
      (tx) =>
        tx`insert into variants (hash, variant, identifier) values (decode(${child}, 'hex'), 'key', 'rival-2')`,
      'key',
      409,
    ],
    [
      'variant',
      (tx) => tx`select from hashes where hash = decode(${child}, 'hex') for update`,
      'parent',
      201,
    ],
    [
      'alias',
      (tx) => tx`insert into aliases (alias, hash, delete_token) values ('key', decode(${hash}, 'hex'), 't')`,
      'key',
      409,
    ],
    ['alias', (tx) => tx`select from hashes where hash = decode(${child}, 'hex') for update`, 'parent', 201],
    [
      'proxy',
      (tx) => tx`
        insert into proxies (url_sha256, url, alias) values (sha256('key'), 'key', 'creates')`,
      'key',
      409,
    ],
    ['proxy', (tx) => tx`select from aliases where alias = 'creates-child' for update`, 'parent', 201],
    ['details', (tx) => tx`select from details where identifier = 'creates' for update`, 'creates', 204],
  ];
  let free = 0;
  for (const [kind, rival, key, expected] of ways) {
    const create = creates[kind];
    assert.ok(create);
    const neighbour = () => create(`free-${++free}`, hash, `free-${free}`);
    const answer = await besides(rival, () => create(key, child, `${kind}-mine${key.slice(5)}`), [
      neighbour,
      neighbour,
      neighbour,
    ]);
    assert.equal(answer.status, expected, `${kind} ${key}: ${answer.text}`);
  }
});

/** A job whose lease has run out, and which no sweep can end: its id stands among the dead already. */
async function poisonous(queue: string): Promise<string> {
  const { id } = await push(queue);
  const { lease } = only(await pop(queue));
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
    values (${id}, 'elsewhere', '1', 0, now(), 1, 1, 1)`;
  await sql`update jobs set max_attempts = 1, lease_expires_at = now() - interval '1 day' where id = ${id}`;
  return lease;
}

test('the sweep of leases: a job that cannot be ended stops no other lease from running out', async () => {
  await Promise.all([poisonous('poison'), poisonous('poison-too')]);
  await push('innocent');
  const { id } = only(await pop('innocent', { lease_seconds: 1 }));
  await until(async () => (await job(id)).json.attempts === 1);
  assert.equal((await ask('GET', '/queues/poison')).json.running, 1);
});

test('fail, the sweep of leases: a dead job that another transaction is inserting holds up no other job', async () => {
  const run = async (queue: string, lease_seconds: number) => {
    await push(queue, { job: 1, max_attempts: 1 });
    return only(await pop(queue, { lease_seconds }));
  };
  const [failed, expired] = [await run('dying', 60), await run('dying', 1)];
  const others = [await run('others', 60), await run('others', 60), await run('others', 60)];
  let isPushed = false;
  const answer = await besides(
    (tx) => tx`
      insert into dead_jobs (id, queue, job, priority, queued_at, max_attempts, attempts, claims)
      select id, queue, job, priority, queued_at, max_attempts, 1, claims
      from jobs
      where id = any(${[failed.id, expired.id]}::uuid[])`,
    () => onLease(failed.lease, 'fail'),
    [
      () => onLease(others.pop()?.lease ?? '', 'fail'),
      async () => {
        if (!isPushed) await run('swept', 1);
        isPushed = true;
        return await ask('GET', '/queues/swept');
      },
    ],
    async () => {
      await until(async () => (await ask('GET', '/queues/swept')).json.dead === 1);
    },
  );
  // The other transaction was committed, so its dead job stays in the way.
  assert.equal(answer.status, 500);
});

test('fail: a job that cannot be ended fails alone', async () => {
  const lease = await poisonous('poison-fail');
  await Promise.all([push('well'), push('well'), push('well')]);
  const others = await pop('well', { max: 3 });
  const answers = await Promise.all(
    [lease, ...others.map((one) => one.lease)].map((one) => onLease(one, 'fail')),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [500, 200, 200, 200],
  );
});
