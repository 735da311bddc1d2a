import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createClient,
  type Handler,
  type Job,
  JobCancelled,
  JobFailure,
  JobResult,
  LeaseLost,
  ProblemError,
  RanTooLong,
  WorkerStopping,
  type WorkOptions,
  work,
} from '../../client/src/index.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { createDatabase } from '../support/database.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';
import { untilEmpty as untilQueueEmpty } from '../support/until-empty.js';
import { Event, untilAborted } from '../support/worker-events.js';

const database = await createDatabase();
const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' }, database);
const repo = createClient({ baseUrl: service.base });

/** A worker that is stopped by the test; its troubles are collected. */
function start(queue: string, handler: Handler, options: WorkOptions = {}, client = repo) {
  const stop = new AbortController();
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const ended = work(client, queue, handler, { signal: stop.signal, onError, ...options });
  return {
    errors,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

const push = async (queue: string, ...jobs: unknown[]): Promise<string[]> => {
  const pushed = await repo.queue.pushMany({ queue }, { jobs: jobs.map((job) => ({ job })) });
  return pushed.jobs.map(({ id }) => id);
};

const untilEmpty = (queue: string) => untilQueueEmpty(service.sql, queue);

const state = async (id = ''): Promise<string> =>
  (await repo.queue.job({ id }).catch(() => ({ state: 'gone' }))).state;

test('the result that a handler returns is kept, by a pop and without one; nothing else that it returns is sent', async () => {
  const keeping = await startTestService({ QUEUE_COMPLETED_RETENTION_MINUTES: '60' }, database);
  const ids = await push('results', 0, 1, 2, 3);
  const client = createClient({ baseUrl: keeping.base });
  const handler = ({ job }: Job) => (job === 3 ? { not: 'sent' } : new JobResult({ of: job }));
  const worker = start('results', handler, { waitSeconds: 1 }, client);
  await untilEmpty('results');
  await worker.stop();
  const jobs = await Promise.all(ids.map((id) => client.queue.job({ id })));
  assert.deepEqual(
    jobs.map(({ result }) => result),
    [{ of: 0 }, { of: 1 }, { of: 2 }, undefined],
  );
  assert.deepEqual(worker.errors, []);
  assert.throws(() => new JobResult('x'.repeat(4095)), RangeError);
  assert.throws(() => new JobResult(undefined), TypeError);
});

test('a result that the service would refuse is none: NUL, a lone surrogate, more than 253 levels', () => {
  const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  for (const value of ['a\0', { a: ['\ud800'] }, { 'a\0': 1 }]) {
    assert.throws(() => new JobResult(value), TypeError);
  }
  assert.throws(() => new JobResult(nested(254)), RangeError);
  assert.deepEqual(new JobResult(nested(253)).value, nested(253));
  assert.equal(new JobResult('\\u0000').value, '\\u0000');
});

test('whatever a handler throws, its job has failed and the others are done', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const textless = () => {
    throw new Error('no text');
  };
  const thrown = [
    Object.create(null),
    Object.assign(new Error(), { message: 42 }),
    Object.defineProperty(new Error(), 'message', { get: textless }),
    { toString: textless },
    proxy,
    undefined,
    Object.defineProperty(new JobFailure('no retry'), 'retry', { get: textless }),
    new Proxy(new JobFailure('no members'), { get: textless }),
  ];
  const jobs = [...thrown.keys(), 'good'].map((job) => ({ job, max_attempts: 1 }));
  await repo.queue.pushMany({ queue: 'odd' }, { jobs });
  const worker = start('odd', ({ job }) => {
    if (typeof job === 'number') throw thrown[job];
  });
  await untilEmpty('odd');
  await worker.stop();
  const dead = await repo.queue.jobs({ queue: 'odd', state: 'dead' });
  const errors = dead.jobs.map(({ job, last_error }) => [job, last_error]);
  assert.deepEqual(errors.sort(), [
    [0, 'unknown error'],
    [1, '42'],
    [2, 'unknown error'],
    [3, 'unknown error'],
    [4, 'unknown error'],
    [5, 'undefined'],
    [6, 'no retry'],
    [7, 'unknown error'],
  ]);
});

test('a result that was made unfit after it was made fails its job, and the others are done', async () => {
  const jobs = [1, 'good'].map((job) => ({ job, max_attempts: 1 }));
  await repo.queue.pushMany({ queue: 'unfit' }, { jobs });
  const worker = start('unfit', ({ job }) =>
    job === 1 ? Object.assign(new JobResult(1), { value: 1n }) : new JobResult(2),
  );
  await untilEmpty('unfit');
  await worker.stop();
  const dead = await repo.queue.jobs({ queue: 'unfit', state: 'dead' });
  assert.deepEqual(
    dead.jobs.map(({ job, last_error = '' }) => [job, /BigInt/.test(last_error)]),
    [[1, true]],
  );
});

test('every job is done once, and completed by the next pop', async () => {
  const asked: string[] = [];
  const client = createClient({
    baseUrl: service.base,
    fetch: (url, init) => {
      asked.push(new URL(String(url)).pathname.split('/').at(-1) ?? '');
      return fetch(url, init);
    },
  });
  await push('done', 1, 2, 3, 4, 5, 6);
  const done: unknown[] = [];
  let running = 0;
  let most = 0;
  const both = new Event();
  const handler = async ({ job }: Job) => {
    running += 1;
    most = Math.max(most, running);
    if (running === 2) both.happen();
    await both.wait();
    done.push(job);
    running -= 1;
  };
  const worker = start('done', handler, { concurrency: 2 }, client);
  await untilEmpty('done');
  assert.deepEqual(new Set(asked), new Set(['pop']));
  await worker.stop();
  assert.deepEqual(done.sort(), [1, 2, 3, 4, 5, 6]);
  assert.equal(most, 2);
  assert.deepEqual(worker.errors, []);
});

test('a failed job comes again, with its error kept', async () => {
  const [id] = await push('fails', 1);
  const attempts: number[] = [];
  const worker = start('fails', async ({ attempt }) => {
    attempts.push(attempt);
    if (attempt === 1) throw new JobFailure('not yet', { delaySeconds: 0 });
    assert.equal((await repo.queue.job({ id: id ?? '' })).last_error, 'not yet');
  });
  await untilEmpty('fails');
  await worker.stop();
  assert.deepEqual(attempts, [1, 2]);
  assert.match(String(worker.errors), /not yet/);
});

test('any error fails a job, and is sent as text', async () => {
  const [id] = await push('odd', 1);
  const worker = start('odd', ({ attempt, max_attempts }) => {
    assert.equal(attempt <= max_attempts, true);
    throw new JobFailure(`nul \0, half \ud800, long ${'ä'.repeat(20_000)}`, { retry: false });
  });
  await until(async () => (await state(id)) === 'dead');
  await worker.stop();
  assert.match(
    (await repo.queue.job({ id: id ?? '' })).last_error ?? '',
    /^nul \ufffd, half \ufffd, long ää/,
  );
});

test('a lease is kept for as long as the handler runs', async () => {
  await push('long', 1);
  const attempts: number[] = [];
  const worker = start(
    'long',
    async ({ attempt }) => {
      attempts.push(attempt);
      await sleep(3500);
    },
    { leaseSeconds: 2 },
  );
  await untilEmpty('long');
  await worker.stop();
  assert.deepEqual(attempts, [1]);
  assert.deepEqual(worker.errors, []);
});

test('the lease_seconds of a push apply, unless the worker sets its own', async () => {
  const bodies: object[] = [];
  const client = createClient({
    baseUrl: service.base,
    fetch: (url, init) => {
      bodies.push(JSON.parse(String(init?.body ?? '{}')));
      return fetch(url, init);
    },
  });
  const handled: [number, number | undefined][] = [];
  const run = async (options: WorkOptions, lease_seconds: number, ms: number) => {
    await repo.queue.push({ queue: 'lengths' }, { job: 1, lease_seconds });
    const handler: Handler = async (job) => {
      handled.push([job.attempt, job.lease_seconds]);
      await sleep(ms);
    };
    const worker = start('lengths', handler, options, client);
    await untilEmpty('lengths');
    await worker.stop();
    assert.deepEqual(worker.errors, []);
  };
  await run({}, 600, 0);
  // A heartbeat may take a quarter of the lease, also on a busy machine.
  await run({}, 3, 3600);
  assert.ok(bodies.length > 4, 'heartbeats went out as often as the lease of the push needs');
  // At a stop the last pop is asked for again, without waiting.
  const said = new Set(
    bodies.flatMap((body) => Object.entries(body).map(([name, value]) => `${name} ${value}`)),
  );
  const named = [...said].filter((one) => /^(lease|wait)_seconds/.test(one) && one !== 'wait_seconds 0');
  assert.deepEqual(named, []);
  await run({ leaseSeconds: 90, waitSeconds: 1 }, 600, 0);
  assert.deepEqual(handled, [
    [1, 600],
    [1, 3],
    [1, 90],
  ]);
  assert.ok(
    bodies.some((body) => 'lease_seconds' in body && 'wait_seconds' in body && body.wait_seconds === 1),
  );
});

test('a handler that never settles fails when its longest run is over, also after a cancel', async () => {
  const endless = async (job: string, more: object = {}) =>
    (await repo.queue.push({ queue: 'endless' }, { job, max_attempts: 1, ...more })).id;
  const own = await endless('own');
  const cancelled = await endless('cancelled');
  const limited = await endless('limited', { max_run_seconds: 1 });
  const reasons = new Map<unknown, unknown>();
  const handler: Handler = async ({ job }, signal) => {
    if (job === 'cancelled') await repo.queue.cancel({ id: cancelled });
    reasons.set(job, await untilAborted(signal));
    await new Promise(() => {});
  };
  const worker = start('endless', handler, { concurrency: 3, maxRunSeconds: 4, leaseSeconds: 3 });
  await untilEmpty('endless');
  await worker.stop();
  assert.equal(
    (await repo.queue.job({ id: own })).last_error,
    'The job ran longer than 4 s (maxRunSeconds).',
  );
  assert.equal(
    (await repo.queue.job({ id: limited })).last_error,
    'The job ran longer than 1 s (max_run_seconds).',
  );
  assert.equal(await state(cancelled), 'gone');
  assert.ok(reasons.get('own') instanceof RanTooLong && reasons.get('limited') instanceof RanTooLong);
  assert.ok(reasons.get('cancelled') instanceof JobCancelled);
});

test('a run that ends within a second after its longest time has the result of its handler', async () => {
  await push('late', 1);
  const worker = start('late', (_job, signal) => untilAborted(signal), { maxRunSeconds: 0.05 });
  await untilEmpty('late');
  await worker.stop();
  assert.deepEqual(worker.errors, []);
});

test('a lost lease aborts the handler, and what it then does changes nothing', async () => {
  await push('lost', 1);
  const reasons: unknown[] = [];
  const begun = new Event();
  const handler: Handler = async ({ attempt }, signal) => {
    if (attempt > 1) return;
    begun.happen();
    reasons.push(await untilAborted(signal));
  };
  const worker = start('lost', handler, { leaseSeconds: 1, workerId: 'loser' });
  await begun.wait();
  assert.deepEqual(await repo.queue.requeueInProgress({ worker_id: 'loser' }), {
    requeued: 1,
    dead: 0,
    gone: 0,
  });
  await untilEmpty('lost');
  await worker.stop();
  assert.ok(reasons[0] instanceof LeaseLost);
  assert.ok(worker.errors[0] instanceof LeaseLost);
});

test('a service that is away for the length of a lease has given the job to another', async () => {
  const proxy = await startCuttingProxy(service.base);
  await push('away', 1);
  const reason = new Event<unknown>();
  const handler: Handler = async ({ attempt }, signal) => {
    if (attempt > 1) return;
    proxy.break();
    reason.happen(await untilAborted(signal));
  };
  const worker = start('away', handler, { leaseSeconds: 1 }, createClient({ baseUrl: proxy.base }));
  assert.ok((await reason.wait()) instanceof LeaseLost);
  proxy.leadTo(service.base);
  await untilEmpty('away');
  await worker.stop();
});

test('a cancel aborts the handler, and the job is gone', async () => {
  const [id = ''] = await push('cancel', 1);
  const begun = new Event();
  const reason = new Event<unknown>();
  const handler: Handler = async (_job, signal) => {
    begun.happen();
    reason.happen(await untilAborted(signal));
    signal.throwIfAborted();
  };
  const worker = start('cancel', handler, { leaseSeconds: 1 });
  await begun.wait();
  assert.deepEqual(await repo.queue.cancel({ id }), { status: 202 });
  assert.ok((await reason.wait()) instanceof JobCancelled);
  await untilEmpty('cancel');
  await worker.stop();
  assert.equal(await state(id), 'gone');
});

test('each start is followed by one end, with its duration; a hook that fails harms nobody', async () => {
  await push('hooks', 'good', 'bad');
  const told: unknown[] = [];
  const worker = start(
    'hooks',
    async ({ job }) => {
      await sleep(20);
      if (job === 'bad') throw new JobFailure('no', { retry: false });
    },
    {
      onStart: ({ job }) => {
        told.push(`start ${job}`);
        throw new Error('hook');
      },
      onDone: ({ job }, { seconds }) => told.push(`done ${job}`, seconds),
      onFailed: ({ job }, { seconds, error }) => told.push(`failed ${job}: ${error}`, seconds),
    },
  );
  await untilEmpty('hooks');
  await worker.stop();
  const seconds = told.filter((one) => typeof one === 'number');
  assert.ok(seconds.length === 2 && seconds.every((one) => one >= 0.01), String(told));
  assert.deepEqual(
    told.filter((one) => typeof one === 'string'),
    ['start good', 'done good', 'start bad', 'failed bad: JobFailure: no'],
  );
});

test('several places are filled by one pop, and jobs that end while a pop waits are completed in one request', async () => {
  const bodies: { verb: string; body: string }[] = [];
  const client = createClient({
    baseUrl: service.base,
    fetch: (url, init) => {
      bodies.push({ verb: String(url).split('/').at(-1) ?? '', body: String(init?.body) });
      return fetch(url, init);
    },
  });
  await push('places', 1, 2, 3);
  const all = new Event();
  let begun = 0;
  const handler = async () => {
    begun += 1;
    if (begun === 3) all.happen();
    await all.wait();
    await sleep(20);
  };
  const worker = start('places', handler, { concurrency: 5 }, client);
  await untilEmpty('places');
  const [first] = bodies.filter(({ verb }) => verb === 'pop');
  assert.equal(JSON.parse(first?.body ?? '').max, 5);
  // The first is said by itself; the others are done before its answer, or soon after.
  const said = bodies.filter(({ verb }) => verb === 'complete').length;
  assert.ok(said >= 1 && said <= 3, String(said));
  assert.ok(bodies.filter(({ verb }) => verb === 'pop').length <= 2);
  await worker.stop();
  assert.deepEqual(worker.errors, []);
});

test('a worker of three places waits with one pop, and a stop ends it at once', async () => {
  const worker = start('idle', () => {}, { concurrency: 3 });
  await until(() => service.parked() === 1);
  const begun = performance.now();
  await worker.stop();
  assert.ok(performance.now() - begun < 2000);
  await until(() => service.parked() === 0);
  assert.deepEqual(worker.errors, []);
});

test('a stop lets running jobs end, and takes no new ones', async () => {
  const [id, next] = await push('stop', 1, 2);
  const begun = new Event();
  const finish = new Event();
  const worker = start('stop', async () => {
    begun.happen();
    await finish.wait();
  });
  await begun.wait();
  const stopped = worker.stop();
  finish.happen();
  await stopped;
  assert.deepEqual([await state(id), await state(next)], ['gone', 'ready']);
});

for (const [name, heeds] of [
  ['heeds its signal', true],
  ['does not', false],
] as const) {
  test(`after the grace period a job goes back uncounted: a handler that ${name}`, async () => {
    const queue = `grace-${heeds}`;
    const [id = ''] = await push(queue, 1);
    const begun = new Event();
    const reason = new Event<unknown>();
    const handler: Handler = async (_job, signal) => {
      begun.happen();
      reason.happen(await untilAborted(signal));
      if (heeds) signal.throwIfAborted();
      await new Promise(() => {});
    };
    const worker = start(queue, handler, { graceSeconds: 0.05 });
    await begun.wait();
    await worker.stop();
    assert.ok((await reason.wait()) instanceof WorkerStopping);
    const job = await repo.queue.job({ id });
    assert.deepEqual([job.state, job.attempts], ['ready', 0]);
  });
}

test('a grace of a month aborts nothing at once', async () => {
  await push('patient', 1);
  const begun = new Event();
  const goOn = new Event();
  const handler: Handler = async (_job, signal) => {
    begun.happen();
    await goOn.wait();
    signal.throwIfAborted();
  };
  const worker = start('patient', handler, { graceSeconds: 30 * 86_400 });
  await begun.wait();
  const stopped = worker.stop();
  await sleep(20);
  goOn.happen();
  await stopped;
  assert.deepEqual(worker.errors, []);
  await untilEmpty('patient');
});

test('a job whose answer was on its way at the stop is given back', async () => {
  const [id = ''] = await push('window', 1);
  const answered = new Event();
  let pops = 0;
  const client = createClient({
    baseUrl: service.base,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      pops += 1;
      if (pops > 1) return response;
      await response.text();
      answered.happen();
      await untilAborted(init?.signal ?? AbortSignal.abort());
      throw init?.signal?.reason;
    },
  });
  const worker = start('window', () => assert.fail('it was stopped'), {}, client);
  await answered.wait();
  assert.equal(await state(id), 'running');
  await worker.stop();
  const job = await repo.queue.job({ id });
  assert.deepEqual([job.state, job.attempts], ['ready', 0]);
});

test('the service is restarted in the middle: everything is done', async () => {
  const first = await startTestService({}, database);
  const proxy = await startCuttingProxy(first.base);
  const jobs = Array.from({ length: 30 }, (_, n) => n);
  await push('restart', ...jobs);
  const done = new Set<unknown>();
  const some = new Event();
  const handler = async ({ job }: Job) => {
    await sleep(5);
    done.add(job);
    if (done.size === 5) some.happen();
  };
  const client = createClient({ baseUrl: proxy.base });
  const worker = start('restart', handler, { concurrency: 3 }, client);
  await some.wait();
  proxy.break();
  await first.close();
  await until(() => worker.errors.length >= 3);
  const left = jobs.length - done.size;
  assert.ok(left > 0, 'nothing was left for the second service');
  proxy.leadTo((await startTestService({}, database)).base);
  await untilEmpty('restart');
  await worker.stop();
  assert.deepEqual([...done].sort(), [...jobs].sort());
});

test('a worker with a name of its own takes back what it held when it crashed', async () => {
  const [id] = await push('crash', 1);
  await repo.queue.pop({ queue: 'crash' }, { worker_id: 'phoenix' });
  const got = new Event<Job>();
  const worker = start('crash', (job) => got.happen(job), { workerId: 'phoenix' });
  const job = await got.wait();
  assert.deepEqual([job.id, job.attempt], [id, 2]);
  await worker.stop();
});

test('a final refusal ends the worker', async () => {
  await assert.rejects(
    work(createClient({ baseUrl: `${service.base}/elsewhere` }), 'final', () => {}),
    (error) => error instanceof ProblemError && error.status === 404,
  );
});

test('a worker that was stopped before it began does nothing', async () => {
  await work(repo, 'never', () => assert.fail(), { signal: AbortSignal.abort() });
});
