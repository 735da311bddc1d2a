import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createClient,
  type Handler,
  isProblem,
  type Job,
  JobFailure,
  JobResult,
  ProblemError,
  type WorkOptions,
  work,
} from '../../client/src/index.js';
import { atEnd } from '../support/cleanup.js';
import { type Fault, type Passing, startFaultyProxy } from '../support/faulty-proxy.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';
import { liveJobs, untilEmpty as untilQueueEmpty } from '../support/until-empty.js';
import { Event, untilAborted } from '../support/worker-events.js';

/** The client's worker behind what an ingress, a network or a restart may do to its requests. */
const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' });
const repo = createClient({ baseUrl: service.base });

const page = '<html>\n<h1>Something went wrong</h1></html>';
const faults: Record<string, Fault> = {
  'a connection reset before the service heard': 'reset request',
  'a connection reset after it': 'reset answer',
  'an answer that is cut in the middle': 'cut answer',
  'a 504 after the service has committed': { status: 504, late: true },
  '302 to a place that does not exist': { status: 302, headers: { location: '/elsewhere' } },
  '404 of an ingress': { status: 404, body: 'default backend - 404' },
  '413 of a proxy': { status: 413, body: page },
  '429 with Retry-After': { status: 429, headers: { 'retry-after': '1' } },
  'one 500 of the service': {
    status: 500,
    body: '{"code":"internal_error","detail":"It failed."}',
    headers: { 'content-type': 'application/problem+json' },
  },
  '503 without Retry-After': { status: 503 },
  '520 of a content network': { status: 520, body: page },
  '200 with HTML': { status: 200, body: page },
  '200 with {}': { status: 200, body: '{}', headers: { 'content-type': 'application/json' } },
  '200 with []': { status: 200, body: '[]', headers: { 'content-type': 'application/json' } },
  '200 with null for the jobs': { status: 200, body: '{"jobs":null}' },
};
const some = (...names: string[]) => Object.entries(faults).filter(([name]) => names.includes(name));
const hasFault = (status: number) => (error: unknown) =>
  error instanceof ProblemError && error.status === status;

let queues = 0;

/** A worker behind a proxy; its first job is there. */
async function start(
  faultOf: (passing: Passing) => Fault | undefined,
  handler: Handler,
  { timeoutSeconds = 30, ...options }: WorkOptions & { timeoutSeconds?: number } = {},
) {
  queues += 1;
  const queue = `faults-${queues}`;
  const { id } = await repo.queue.push({ queue }, { job: 1 });
  const proxy = await startFaultyProxy(service.base, faultOf);
  const client = createClient({ baseUrl: proxy.base, timeoutSeconds });
  const stop = new AbortController();
  const errors: unknown[] = [];
  const attempts: number[] = [];
  const ended = work(
    client,
    queue,
    async (job: Job, signal) => {
      attempts.push(job.attempt);
      return await handler(job, signal);
    },
    {
      waitSeconds: 0.2,
      signal: stop.signal,
      onError: (error) => errors.push(error),
      ...options,
    },
  );
  // A rejection is for who awaits `ended`; a test that fails leaves no worker behind.
  ended.catch(() => {});
  atEnd(async () => {
    stop.abort();
    await ended.catch(() => {});
  });
  return {
    queue,
    id,
    proxy,
    errors,
    attempts,
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
    state: async () => (await repo.queue.job({ id }).catch(() => ({ state: 'gone' }))).state,
  };
}

const push = (queue: string, ...jobs: unknown[]) =>
  repo.queue.pushMany({ queue }, { jobs: jobs.map((job) => ({ job })) });

const untilEmpty = (queue: string) => untilQueueEmpty(service.sql, queue);

/** A fault for the first request that is meant. */
const once = (fault: Fault | undefined, isMeant: (passing: Passing) => boolean) => {
  let left = 1;
  return (passing: Passing) => (isMeant(passing) && left-- > 0 ? fault : undefined);
};
const carriesCompletion = ({ body }: Passing) => body.includes('"completed"');

describe('what is not answered in time', { concurrency: true }, () => {
  test('two heartbeats in a row are lost: the next one keeps the lease', async () => {
    let left = 2;
    const worker = await start(
      ({ verb }) => (verb === 'heartbeat' && left-- > 0 ? 'swallowed request' : undefined),
      () => sleep(3300),
      { leaseSeconds: 3 },
    );
    await untilEmpty(worker.queue);
    await worker.stop();
    assert.deepEqual(worker.attempts, [1]);
  });

  test('an answer that names no job: onError hears of it, and the heartbeat is repeated', async () => {
    const repeated = new Event();
    const nameless = once(
      { status: 200, body: '{"results":[]}', headers: { 'content-type': 'application/json' } },
      ({ verb }) => verb === 'heartbeat',
    );
    const worker = await start(
      (passing) => {
        const fault = nameless(passing);
        if (passing.verb === 'heartbeat' && !fault) repeated.happen();
        return fault;
      },
      () => repeated.wait(),
      { leaseSeconds: 3 },
    );
    await untilEmpty(worker.queue);
    await worker.stop();
    assert.deepEqual(worker.attempts, [1]);
    assert.match(String(worker.errors[0]), /does not name the lease of job/);
  });

  test('a failure whose report is lost is reported again', async () => {
    const worker = await start(
      once('swallowed answer', ({ verb }) => verb === 'fail'),
      () => {
        throw new JobFailure('hopeless', { retry: false });
      },
      { leaseSeconds: 4 },
    );
    await until(() => worker.proxy.verbs.filter((verb) => verb === 'fail').length === 2);
    await worker.stop();
    assert.equal(await worker.state(), 'dead');
    assert.deepEqual(worker.attempts, [1]);
  });

  for (const [name, fault] of Object.entries<Fault>({
    'is swallowed': 'swallowed request',
    'is refused for a minute': { status: 429, headers: { 'retry-after': '60' } },
  })) {
    test(`a pop that ${name}: what it should complete is completed before the lease runs out`, async () => {
      const worker = await start(
        (passing) => (carriesCompletion(passing) ? fault : undefined),
        () => {},
        { leaseSeconds: 3 },
      );
      await untilEmpty(worker.queue);
      await worker.stop();
      assert.deepEqual(worker.attempts, [1]);
      assert.deepEqual(new Set(worker.proxy.verbs), new Set(['pop', 'complete']));
    });
  }

  test('a job that a repeated pop gets has its lease since the first, and is extended at once', async () => {
    const beaten = new Event();
    const swallowed = once('swallowed answer', ({ verb }) => verb === 'pop');
    const waits: number[] = [];
    const worker = await start(
      (passing) => {
        if (passing.verb === 'heartbeat') beaten.happen();
        return swallowed(passing);
      },
      async () => {
        const begun = performance.now();
        await beaten.wait();
        waits.push(performance.now() - begun);
      },
      // The first pop is given up after more than a third of the lease.
      { leaseSeconds: 4, timeoutSeconds: 1.5 },
    );
    await untilEmpty(worker.queue);
    await worker.stop();
    assert.ok(waits[0] !== undefined && waits[0] < 1000, `${waits}`);
  });

  for (const [name, fault] of Object.entries({
    'nothing is answered': 'swallowed request',
    'all is refused for a minute': { status: 503, headers: { 'retry-after': '60' } },
    'all is a page': { status: 200, body: page },
  } satisfies Record<string, Fault>)) {
    test(`${name}: a stop ends when the grace is over, and finished jobs are reported`, async () => {
      let isOut = false;
      const worker = await start(
        () => (isOut ? fault : undefined),
        () => {
          isOut = true;
        },
        { leaseSeconds: 20, graceSeconds: 1.2 },
      );
      await until(() => worker.proxy.verbs.length >= 2);
      const begun = performance.now();
      await worker.stop();
      assert.ok(performance.now() - begun < 12_000, `${performance.now() - begun} ms`);
      assert.match(String(worker.errors), /is done, but the service has not acknowledged it/);
    });
  }
});

test('many finished jobs are reported together where pops do not get through, and are not run again', async () => {
  const jobs = 100;
  const all = new Event();
  let failures = 3;
  const worker = await start(
    (passing) => {
      if (carriesCompletion(passing)) return { status: 502 };
      return passing.verb === 'complete' && failures-- > 0 ? { status: 502 } : undefined;
    },
    async () => {
      if (worker.attempts.length === jobs) all.happen();
      await all.wait();
    },
    { concurrency: jobs, leaseSeconds: 9 },
  );
  await push(worker.queue, ...Array.from({ length: jobs - 1 }, (_, n) => n + 2));
  await untilEmpty(worker.queue);
  await worker.stop();
  assert.equal(worker.attempts.length, jobs);
  const reports = worker.proxy.verbs.filter((verb) => verb === 'complete').length;
  assert.ok(reports < jobs / 2, String(reports));
});

test('a job that another transaction has locked: the others keep their leases, and are completed', async () => {
  const jobs = 20;
  const all = new Event();
  const extended = new Event();
  let beats = 0;
  const worker = await start(
    ({ verb }) => {
      if (verb === 'heartbeat' && ++beats > 6) extended.happen();
      return undefined;
    },
    async () => {
      if (worker.attempts.length === jobs) all.happen();
      await extended.wait();
    },
    { concurrency: jobs, leaseSeconds: 2 },
  );
  await push(worker.queue, ...Array.from({ length: jobs - 1 }, (_, n) => n + 2));
  await all.wait();
  await service.sql.begin(async (tx) => {
    await tx`select from jobs where id = ${worker.id} for update`;
    await until(async () => (await liveJobs(service.sql, worker.queue)) === 1);
  });
  await untilEmpty(worker.queue);
  await worker.stop();
  assert.ok(worker.errors.some((error) => isProblem(error, 'contended')));
  // The lease of the locked job may have ended.
  assert.ok(worker.attempts.length <= jobs + 1, String(worker.attempts));
});

for (const [way, concurrency] of [
  ['a pop', 1],
  ['a request without a pop', 2],
] as const) {
  test(`a job that is locked when ${way} completes it: onError hears of it, and it is soon tried again`, async () => {
    const heard = new Event<Job | undefined>();
    const running = new Event();
    const goOn = new Event();
    const next = new Event();
    const worker = await start(
      () => undefined,
      async ({ job }) => {
        if (job === 2) return await next.wait();
        running.happen();
        await goOn.wait();
      },
      {
        concurrency,
        leaseSeconds: 300,
        waitSeconds: 55,
        onError: (error, job) => isProblem(error, 'contended') && heard.happen(job),
      },
    );
    await running.wait();
    // A worker of one place begins the next job with the pop, and sends none until that is done.
    if (concurrency === 1) await push(worker.queue, 2);
    await service.sql.begin(async (tx) => {
      await tx`select from jobs where id = ${worker.id} for update`;
      goOn.happen();
      assert.equal((await heard.wait())?.id, worker.id);
    });
    // Long before its lease would have to be extended.
    await until(async () => (await worker.state()) === 'gone');
    next.happen();
    await worker.stop();
  });
}

test('the heartbeats of many jobs share requests', async () => {
  const jobs = 50;
  const beaten = new Event();
  let failures = 3;
  const worker = await start(
    ({ verb }) => (verb === 'heartbeat' && failures-- > 0 ? { status: 502 } : undefined),
    async () => await beaten.wait(),
    { concurrency: jobs, leaseSeconds: 9 },
  );
  await push(worker.queue, ...Array.from({ length: jobs - 1 }, (_, n) => n + 2));
  await until(
    async () => {
      const { jobs: running } = await repo.queue.jobs({ queue: worker.queue, state: 'running' });
      const isBeaten = running.map((job) => job.last_heartbeat_at !== job.running_since);
      return isBeaten.length === jobs && isBeaten.every(Boolean);
    },
    60,
    250,
  );
  beaten.happen();
  await untilEmpty(worker.queue);
  await worker.stop();
  assert.equal(worker.attempts.length, jobs);
  const heartbeats = worker.proxy.verbs.filter((verb) => verb === 'heartbeat').length;
  assert.ok(heartbeats < jobs / 2, String(heartbeats));
});

describe('whatever is answered once', { concurrency: 6 }, () => {
  for (const [name, fault] of Object.entries(faults)) {
    test(`${name}: finished jobs are not run again, failed ones are reported`, async () => {
      const atPop = once(fault, carriesCompletion);
      const atFail = once(fault, ({ verb }) => verb === 'fail');
      const worker = await start(
        (passing) => atPop(passing) ?? atFail(passing),
        ({ job }) => {
          if (job === 2) throw new JobFailure('hopeless', { retry: false });
        },
      );
      await push(worker.queue, 2, 3);
      await untilEmpty(worker.queue);
      await worker.stop();
      assert.deepEqual(worker.attempts, [1, 1, 1]);
      const { jobs } = await repo.queue.jobs({ queue: worker.queue, state: 'dead' });
      assert.deepEqual(
        jobs.map((job) => job.last_error),
        ['hopeless'],
      );
      if (typeof fault === 'object')
        assert.ok(worker.errors.some(hasFault(fault.status)), `${worker.errors}`);
    });
  }

  for (const [name, fault] of some('a connection reset after it', '404 of an ingress', '200 with HTML')) {
    test(`${name}: a job is given back at a stop, no attempt counted`, async () => {
      const begun = new Event();
      const worker = await start(
        once(fault, ({ verb }) => verb === 'release'),
        async (_job, signal) => {
          begun.happen();
          await untilAborted(signal);
          signal.throwIfAborted();
        },
        { graceSeconds: 0.05 },
      );
      await begun.wait();
      await worker.stop();
      const { state, attempts } = await repo.queue.job({ id: worker.id });
      assert.deepEqual([state, attempts], ['ready', 0]);
    });
  }
});

describe('what is final', { concurrency: 6 }, () => {
  const foreign404 = { status: 404, body: 'default backend - 404' };
  const forbidden = { status: 403, body: page };
  const invalid = {
    status: 400,
    body: '{"code":"invalid_request","detail":"No."}',
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
  };

  test("somebody else's 404 before the first success: the address is wrong", async () => {
    const worker = await start(
      () => foreign404,
      () => {},
    );
    await assert.rejects(worker.ended, (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual([error.status, error.code, error.excerpt], [404, 'http_404', 'default backend - 404']);
      return true;
    });
    assert.equal(worker.proxy.verbs.length, 1);
  });

  test('before the first success all other answers are retried', async () => {
    const first = some('one 500 of the service', '200 with HTML', '413 of a proxy').map(([, fault]) => fault);
    const worker = await start(
      ({ n }) => first[n],
      () => {},
      { waitSeconds: 0.1 },
    );
    await untilEmpty(worker.queue);
    await worker.stop();
  });

  for (const [name, fault] of Object.entries({ '403': forbidden, 'a 4xx of the service': invalid })) {
    test(`${name} ends the worker: finished jobs are reported, running ones may end`, async () => {
      const second = new Event();
      const finish = new Event();
      const worker = await start(
        once(fault, carriesCompletion),
        async ({ job }) => {
          if (job === 1) return await second.wait();
          second.happen();
          await finish.wait();
        },
        { concurrency: 2 },
      );
      await push(worker.queue, 2);
      await until(async () => (await worker.state()) === 'gone', 20, 50);
      finish.happen();
      await assert.rejects(worker.ended, hasFault(fault.status));
      assert.equal(await liveJobs(service.sql, worker.queue), 0);
      assert.deepEqual(worker.attempts, [1, 1]);
    });
  }

  for (const concurrency of [1, 2]) {
    test(`a service that refuses results is told without them, with ${concurrency} at a time`, async () => {
      const worker = await start(
        ({ body }) => (body.includes('"result"') ? invalid : undefined),
        () => new JobResult(1),
        { concurrency },
      );
      await untilEmpty(worker.queue);
      await worker.stop();
      assert.deepEqual(worker.attempts, [1]);
      assert.ok(worker.errors.some(hasFault(400)), `${worker.errors}`);
    });
  }

  test('one completion that is refused does not keep the others from being heard', async () => {
    const jobs = 130;
    const all = new Event();
    let refused: string | undefined;
    const worker = await start(
      ({ verb, body }) => {
        if (body.includes('"completed"')) return { status: 502 };
        if (verb === 'complete') refused ??= JSON.parse(body).leases[0];
        return verb === 'complete' && body.includes(String(refused)) ? invalid : undefined;
      },
      async () => {
        if (worker.attempts.length === jobs) all.happen();
        await all.wait();
      },
      { concurrency: jobs, leaseSeconds: 9, graceSeconds: 1 },
    );
    await push(worker.queue, ...Array.from({ length: jobs - 1 }, (_, n) => n + 2));
    await all.wait();
    await until(async () => (await liveJobs(service.sql, worker.queue)) === 1, 60, 50);
    await worker.stop();
    const reports = worker.proxy.verbs.filter((verb) => verb === 'complete').length;
    assert.ok(reports < jobs / 2, String(reports));
    assert.match(String(worker.errors.at(-1)), /is done, but the service has not acknowledged it/);
  });

  test('what could not be reported at the end goes to onError', async () => {
    const worker = await start(
      (passing) => (carriesCompletion(passing) || passing.verb === 'complete' ? forbidden : undefined),
      () => {},
      { leaseSeconds: 10 },
    );
    await assert.rejects(worker.ended, hasFault(403));
    assert.match(String(worker.errors), /is done, but the service has not acknowledged it/);
  });
});

for (const [name, onError] of Object.entries({
  throws: () => {
    throw new Error('listener');
  },
  rejects: () => Promise.reject(new Error('listener')),
})) {
  test(`an onError that ${name} stops nobody`, async () => {
    const worker = await start(
      once({ status: 500 }, carriesCompletion),
      ({ attempt }) => {
        if (attempt === 1) throw new JobFailure('not yet', { delaySeconds: 0 });
      },
      { onError },
    );
    await untilEmpty(worker.queue);
    await worker.stop();
    assert.deepEqual(worker.attempts, [1, 2]);
  });
}
