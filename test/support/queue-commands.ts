import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Sql } from '../../src/database/database.js';
import { uuidv7 } from '../../src/uuid.js';
import type { PoppedJob } from './queue-client.js';
import { type Ending, inOrder, type ModelJob, type Pushing, type QueueModel } from './queue-model.js';
import type { Answer, TestService } from './service.js';
import { until } from './until.js';

/** What a run of commands is asked of: services on one database, and a queue of the run's own. */
export interface Real {
  services: TestService[];
  sql: Sql;
  queue: string;
}

type Command = fc.AsyncCommand<QueueModel, Real>;

/** A command, by how it is asked of which service; `about` is what fast-check shows. */
function command(
  about: string,
  service: number,
  run: (model: QueueModel, ask: TestService['ask'], real: Real) => Promise<unknown>,
): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      const asked = real.services[service];
      assert.ok(asked);
      await run(model, asked.ask, real);
    },
    toString: () => `${about} @${service}`,
  };
}

const service = fc.nat(1);
const priority = fc.constantFrom(-1, 0, 0, 0, 7);
const uniqueKey = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined, freq: 2 });
const worker = fc.constantFrom('w1', 'w2', 'w3');
const key = fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined, freq: 2 });
const maxAttempts = fc.integer({ min: 1, max: 3 });
const isDelayed = fc.constantFrom(false, false, false, true);
/** A client's own id: none, a new one, or one of a job that is known. */
const ownId = fc.option(fc.oneof(fc.constant('new' as const), fc.nat()), { nil: undefined, freq: 2 });
const draft = fc.record({ ownId, priority, uniqueKey, isDelayed, maxAttempts });
type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

function toPush(model: QueueModel, { ownId: own, ...rest }: Draft): Pushing {
  if (own === 'new') return { ...rest, id: uuidv7() };
  return {
    ...rest,
    id: own === undefined ? undefined : chosen([...model.jobs.keys(), ...model.ids.keys()], own),
  };
}

let jobs = 0;

function bodyOf(pushing: Pushing, job: number): object {
  return {
    job,
    id: pushing.id,
    priority: pushing.priority,
    unique_key: pushing.uniqueKey,
    max_attempts: pushing.maxAttempts,
    delay_seconds: pushing.isDelayed ? 5000 : 0,
  };
}

/** An id is always pushed with the same job; with another one it would be refused. */
function jobFor(model: QueueModel, { id = '' }: Pushing): number {
  return model.ids.get(id) ?? model.jobs.get(id)?.job ?? ++jobs;
}

/** Notes what was pushed, and checks whether it is a duplicate, and of what. */
function pushed(
  model: QueueModel,
  answer: { id: string; duplicate: boolean },
  pushing: Pushing,
  job: number,
  at: number,
): void {
  const existing = model.existing(pushing);
  assert.equal(answer.duplicate, existing !== undefined);
  if (existing) assert.equal(answer.id, existing);
  else model.push(answer.id, job, pushing, at);
  if (pushing.id !== undefined && !existing) assert.equal(answer.id, pushing.id);
}

const push = fc.tuple(service, draft).map(([at, one]) =>
  command(`push ${JSON.stringify(one)}`, at, async (model, ask, { queue }) => {
    const pushing = toPush(model, one);
    const job = jobFor(model, pushing);
    const { status, json } = await ask('POST', `/queues/${queue}/jobs`, bodyOf(pushing, job));
    assert.equal(status, json.duplicate ? 200 : 201);
    pushed(model, json, pushing, job, at);
  }),
);

const pushMany = fc.tuple(service, fc.array(draft, { minLength: 1, maxLength: 4 })).map(([at, drafts]) =>
  command(`pushMany ${JSON.stringify(drafts)}`, at, async (model, ask, { queue }) => {
    const pushings = drafts
      .map((one) => toPush(model, one))
      .map((pushing) => ({ pushing, job: jobFor(model, pushing) }));
    const bodies = pushings.map(({ pushing, job }) => bodyOf(pushing, job));
    const { json } = await ask('POST', `/queues/${queue}/jobs/batch`, { jobs: bodies });
    assert.equal(json.jobs.length, drafts.length);
    pushings.forEach(({ pushing, job }, n) => {
      pushed(model, json.jobs[n], pushing, job, at);
    });
  }),
);

const pop = fc
  .tuple(service, worker, key, fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(), { maxLength: 2 }))
  .map(([at, who, idempotencyKey, max, done]) =>
    command(`pop ${who} ${idempotencyKey} ${max} ${done}`, at, async (model, ask, { queue }) => {
      const completed = [...new Set(done.flatMap((nth) => chosen(model.leases, nth) ?? []))];
      const worker_id = `${queue}-${who}`;
      // Where there is something, a service that has not heard of it may need a moment.
      const wait_seconds = model.isPaused || model.in('ready').length === 0 ? 0 : 20;
      const body = { worker_id, max, wait_seconds, lease_seconds: 3600, completed };
      const { json } = await ask('POST', `/queues/${queue}/pop`, {
        ...body,
        idempotency_key: idempotencyKey,
      });
      const outcomes = model.completeAll(completed);
      assert.deepEqual(json.completed, outcomes.length > 0 ? outcomes : undefined);
      const expectsRetry = model.isPaused && outcomes.length > 0 && json.jobs.length === 0;
      assert.equal(json.retry_after_seconds !== undefined, expectsRetry);
      checkPopped(model, json.jobs, { worker: worker_id, key: idempotencyKey, max, at });
    }),
  );

function checkPopped(
  model: QueueModel,
  popped: PoppedJob[],
  by: { worker: string; key: string | undefined; max: number; at: number },
): void {
  const again = model.again(by.worker, by.key, by.max);
  const ready = model.in('ready').sort(inOrder);
  const isAgain = again.length > 0;
  const most = isAgain ? again.length : model.isPaused ? 0 : Math.min(by.max, ready.length);
  // Some of what is ready comes at once, what is not heard of yet with the next pop.
  const least = isAgain ? most : Math.min(most, 1);
  assert.ok(popped.length >= least && popped.length <= most, `${popped.length}, not ${least} to ${most}`);
  const got = popped.map(({ id, lease }, at) =>
    isAgain
      ? (again[at] as ModelJob)
      : model.claim(id, lease, { worker: by.worker, key: by.key, slot: at + 1 }),
  );
  assert.deepEqual(
    popped.map(({ id, lease, job, attempt, max_attempts }) => ({ id, lease, job, attempt, max_attempts })),
    got.map((job) => ({
      ...{ id: job.id, lease: job.lease, job: job.job },
      ...{ attempt: job.attempts + 1, max_attempts: job.maxAttempts },
    })),
  );
  const last = got.at(-1);
  if (isAgain || !last) return;
  assert.deepEqual(got, [...got].sort(inOrder));
  // A service may for a while not know of what came about on another.
  const passedOver = ready.filter(
    (job) => job.knownTo === by.at && !got.includes(job) && inOrder(job, last) < 0,
  );
  assert.deepEqual(passedOver, []);
}

const onLease = (
  name: string,
  ask: (model: QueueModel, ask: TestService['ask'], lease: string, at: number) => Promise<unknown>,
) =>
  fc.tuple(service, fc.nat()).map(([at, nth]) =>
    command(`${name} ${nth}`, at, async (model, asked) => {
      // The latest are more likely to be held.
      const lease = chosen(model.leases.slice(-8), nth);
      if (lease !== undefined) await ask(model, asked, lease, at);
    }),
  );

function assertLost(model: QueueModel, { status, json }: Answer, lease: string): void {
  assert.deepEqual([status, json.code, json.state], [409, 'lease_lost', model.whereIs(lease)]);
}

const complete = onLease('complete', async (model, ask, lease) => {
  const answer = await ask('POST', `/leases/${lease}/complete`);
  const job = model.held(lease);
  if (!job) return assertLost(model, answer, lease);
  assert.equal(answer.status, 204);
  model.complete(job);
});

const failures: [string, object, Ending][] = [
  ['now', { delay_seconds: 0 }, { burnt: 1, retry: true, isDelayed: false }],
  ['later', { delay_seconds: 5000 }, { burnt: 1, retry: true, isDelayed: true }],
  ['for good', { retry: false }, { burnt: 1, retry: false, isDelayed: false }],
];
const fails = failures.map(([name, body, ending]) =>
  onLease(`fail ${name}`, async (model, ask, lease, at) => {
    const answer = await ask('POST', `/leases/${lease}/fail`, body);
    const job = model.held(lease);
    if (!job) return assertLost(model, answer, lease);
    const state = model.end(job, ending, at);
    const { run_at, ...rest } = answer.json;
    assert.deepEqual(rest, state === 'gone' ? { state } : { state, attempts: job.attempts });
    assert.equal(run_at !== undefined, state === 'scheduled');
  }),
);

const release = onLease('release', async (model, ask, lease, at) => {
  const answer = await ask('POST', `/leases/${lease}/release`);
  const job = model.held(lease);
  if (!job) return assertLost(model, answer, lease);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { state: model.end(job, { burnt: 0, retry: true, isDelayed: false }, at) });
});

const heartbeat = onLease('heartbeat', async (model, ask, lease) => {
  const answer = await ask('POST', `/leases/${lease}/heartbeat`, { lease_seconds: 3600 });
  const job = model.held(lease);
  if (!job) return assertLost(model, answer, lease);
  assert.deepEqual([answer.status, answer.json.cancel_requested], [200, job.cancelRequested]);
});

const expire = fc.nat().map((nth) =>
  command(`expire ${nth}`, 0, async (model, _ask, { sql }) => {
    const job = chosen(model.in('running'), nth);
    if (!job) return;
    const { id } = job;
    await sql`update jobs set lease_expires_at = clock_timestamp() - interval '1 day' where id = ${id}`;
    await until(
      async () => (await sql`select from jobs where id = ${id} and state = 'running'`).length === 0,
    );
    // Its backoff is cut short, by hand, as far as it has not run out.
    await sql`update jobs set state = 'ready', run_at = null where id = ${id} and state = 'scheduled'`;
    model.end(job, { burnt: 1, retry: true, isDelayed: false }, undefined);
  }),
);

const requeue = fc.tuple(service, worker).map(([at, who]) =>
  command(`requeue ${who}`, at, async (model, ask, { queue }) => {
    const { json } = await ask('POST', `/workers/${queue}-${who}/requeue`);
    const taken = model.in('running').filter((job) => job.worker === `${queue}-${who}`);
    const states = taken.map((job) => model.end(job, { burnt: 1, retry: true, isDelayed: false }, at));
    const count = (asked: string) => states.filter((state) => state === asked).length;
    assert.deepEqual(json, { requeued: count('ready'), dead: count('dead'), gone: count('gone') });
  }),
);

const cancel = fc.tuple(service, fc.nat()).map(([at, nth]) =>
  command(`cancel ${nth}`, at, async (model, ask) => {
    const id = chosen([...model.jobs.keys()], nth) ?? uuidv7();
    assert.equal((await ask('DELETE', `/jobs/${id}`)).status, model.cancel(id));
  }),
);

const admin = (verb: string, expected: (model: QueueModel) => object | undefined): fc.Arbitrary<Command> =>
  service.map((at) =>
    command(verb, at, async (model, ask, { queue }) => {
      const { json } = await ask('POST', `/queues/${queue}/${verb}`);
      assert.deepEqual(json, expected(model));
    }),
  );

const pausing = (verb: string, isPaused: boolean) =>
  admin(verb, (model) => {
    model.isPaused = isPaused;
    return undefined;
  });

export const commands: fc.Arbitrary<Command>[] = [
  ...[push, push, push, pushMany, pushMany, pop, pop, pop, pop, pop],
  ...[complete, ...fails, release, heartbeat, expire, requeue, cancel],
  ...[pausing('pause', true), pausing('resume', false), pausing('resume', false)],
  admin('purge?which=waiting', (model) => ({ purged: model.purge('ready', 'scheduled') })),
  admin('purge?which=dead', (model) => ({ purged: model.purge('dead') })),
  ...[1, 2].map(() => admin('redrive', (model) => model.redrive())),
];

/** Fails unless the queue is what the model says, job by job. */
export async function compare(model: QueueModel, { services, queue }: Real): Promise<void> {
  const [{ ask }] = services as [TestService];
  const live = (await ask('GET', `/queues/${queue}/jobs?limit=1000`)).json.jobs;
  const dead = (await ask('GET', `/queues/${queue}/jobs?limit=1000&state=dead`)).json.jobs;
  const found = [...live, ...dead].map(
    ({ id, state, attempts, priority, unique_key, worker_id, ...rest }) => ({
      ...{ id, state, attempts, priority, uniqueKey: unique_key, worker: worker_id },
      ...{ job: rest.job, cancelRequested: rest.cancel_requested ?? false },
    }),
  );
  const expected = [...model.jobs.values()].map(
    ({ id, state, attempts, priority: p, worker: w, ...rest }) => ({
      ...{ id, state, attempts, priority: p, uniqueKey: rest.uniqueKey, worker: w },
      ...{ job: rest.job, cancelRequested: rest.cancelRequested },
    }),
  );
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  assert.deepEqual(found.sort(byId), expected.sort(byId));
}

function chosen<T>(values: T[], nth: number): T | undefined {
  return values[nth % values.length];
}
