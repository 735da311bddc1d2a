import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Coalescer } from '../../src/database/coalescer.js';
import { connectionOptions } from '../../src/database/connection.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Dispatcher } from '../../src/repos/queue/dispatch/dispatcher.js';
import { createExtensions, createRunEnds } from '../../src/repos/queue/dispatch/lease-calls.js';
import {
  LowWaterMarks,
  MarksOfQueues,
  type Verdict,
} from '../../src/repos/queue/dispatch/low-water-marks.js';
import { type Claim, claimJobs, type Slot } from '../../src/repos/queue/sql/claim.js';
import { type Lease, parseLease } from '../../src/repos/queue/sql/lease.js';
import { arePaused } from '../../src/repos/queue/sql/pause.js';
import { atEnd } from '../support/cleanup.js';
import { only, type PoppedJob, queueClient } from '../support/queue-client.js';
import { tally, untilWaiting } from '../support/races.js';
import { type Answer, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService();
const { ask, sql } = service;
const { push, pop, popAnswer, onLease, job } = queueClient(service);
const db = openDatabase(connectionOptions({ url: service.url, statementTimeoutSeconds: 30 }), {
  poolSize: 2,
  waitSeconds: 10,
});
atEnd(() => db.close());

/** A failure as PostgreSQL says it. */
const sqlError = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });

interface Statement {
  items: number[];
  succeed: () => void;
  fail: (error: Error) => void;
}

/** A coalescer whose statements end when the test says so; each item's result is ten times the item. */
function byHand(options: { maxItems?: number; sizeOf?: (item: number) => number; maxBytes?: number } = {}) {
  const statements: Statement[] = [];
  const coalescer = new Coalescer<number, number>({
    ...options,
    run: (items) =>
      new Promise((resolve, reject) => {
        const succeed = () => resolve(items.map((item) => 10 * item));
        statements.push({ items, succeed, fail: reject });
      }),
  });
  const call = (...items: number[]) => Promise.allSettled(items.map((item) => coalescer.call(item)));
  /** The statement that is in flight, the `nth` so far, from 0. */
  const inFlight = async (nth: number): Promise<Statement> => {
    await nextTurn();
    assert.equal(statements.length, nth + 1);
    const statement = statements.at(-1);
    assert.ok(statement);
    return statement;
  };
  return { coalescer, call, inFlight };
}

/** A coalescer whose statements fail with `code` whenever an item is bad. */
function failingOn(bad: number[], code: string) {
  const statements: number[][] = [];
  const coalescer = new Coalescer<number, number>({
    run: async (items) => {
      statements.push(items);
      if (items.some((item) => bad.includes(item))) throw sqlError(code);
      return items.map((item) => 10 * item);
    },
  });
  return { coalescer, statements };
}

test('Coalescer: calls that arrive while a statement is in flight share the next one, in order', async () => {
  const { call, inFlight } = byHand();
  const first = call(1);
  const one = await inFlight(0);
  assert.deepEqual(one.items, [1]);
  const rest = [call(2, 3), call(4)];
  await nextTurn();
  one.succeed();
  await first;
  const two = await inFlight(1);
  assert.deepEqual(two.items, [2, 3, 4]);
  two.succeed();
  const values = (await Promise.all(rest))
    .flat()
    .map((result) => result.status === 'fulfilled' && result.value);
  assert.deepEqual(values, [20, 30, 40]);
});

test('arePaused: one statement for all polls of several queues that end together', async () => {
  let statements = 0;
  const counting: Database = {
    ...db,
    run: (statement, options) => {
      statements++;
      return db.run(statement, options);
    },
  };
  await ask('POST', '/queues/halted/pause');
  const pauses = new Coalescer<string, boolean>({ run: (queues) => arePaused(counting, queues) });
  const queues = Array.from({ length: 300 }, (_, at) => (at % 3 === 0 ? 'halted' : `open ${at % 2}`));
  const paused = await Promise.all(queues.map((queue) => pauses.call(queue)));
  assert.deepEqual(
    paused,
    queues.map((queue) => queue === 'halted'),
  );
  // BatchSize, halves of what is left, and so on, where it might have been 300.
  assert.ok(statements < 10, `${statements}`);
});

test('Coalescer: one statement at a time, however many call', async () => {
  let running = 0;
  const sizes: number[] = [];
  const coalescer = new Coalescer<number, number>({
    run: async (items) => {
      assert.equal(++running, 1);
      sizes.push(items.length);
      await nextTurn();
      running--;
      return items;
    },
  });
  const callers = Array.from({ length: 50 }, async (_, caller) => {
    for (let at = 0; at < 20; at++) assert.equal(await coalescer.call(100 * at + caller), 100 * at + caller);
  });
  await Promise.all(callers);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.equal(total, 50 * 20);
  // All of them, but for the first ones, where half are left for the next.
  assert.ok(sizes.length < 25, sizes.join());
});

test('Coalescer: of many callers a statement takes half, while the others are answered', async () => {
  const { call, inFlight } = byHand();
  void call(0);
  const first = await inFlight(0);
  void call(...Array.from({ length: 100 }, (_, at) => at));
  first.succeed();
  const second = await inFlight(1);
  assert.equal(second.items.length, 51);
  second.succeed();
  const third = await inFlight(2);
  assert.equal(third.items.length, 49);
  third.succeed();
});

test('Coalescer: neither too many nor too heavy items travel together; a heavy one goes alone', async () => {
  const many = byHand({ maxItems: 3 });
  void many.call(1, 2, 3, 4, 5);
  const [three] = [await many.inFlight(0)];
  assert.deepEqual(three.items, [1, 2, 3]);
  three.succeed();
  assert.deepEqual((await many.inFlight(1)).items, [4, 5]);

  const heavy = byHand({ sizeOf: (item) => item, maxBytes: 10 });
  void heavy.call(4, 6, 1, 50, 2);
  for (const [nth, items] of [[4, 6], [1], [50], [2]].entries()) {
    const statement = await heavy.inFlight(nth);
    assert.deepEqual(statement.items, items);
    statement.succeed();
  }
});

test('Coalescer: an item whose lock another transaction holds waits alone, and with those for the same lock', async () => {
  const statements: number[][] = [];
  let isHeld = true;
  const coalescer = new Coalescer<number, number>({
    lockOf: (item) => (item < 0 ? 'held' : `${item}`),
    run: async (items) => {
      statements.push(items);
      await nextTurn();
      if (isHeld && items.some((item) => item < 0)) throw sqlError('55P03');
      return items.map((item) => 10 * item);
    },
  });
  const blocked = [coalescer.call(-1), coalescer.call(-2)];
  assert.deepEqual(await Promise.all([1, 2, 3].map((item) => coalescer.call(item))), [10, 20, 30]);
  const before = statements.length;
  const late = coalescer.call(-3);
  assert.deepEqual(await Promise.all([4, 5].map((item) => coalescer.call(item))), [40, 50]);
  assert.deepEqual(
    statements.slice(before).filter((items) => items.length > 1),
    [[4, 5]],
  );
  isHeld = false;
  assert.deepEqual(await Promise.all([...blocked, late]), [-10, -20, -30]);
  await coalescer.idle();
});

test('Coalescer: when a lock is free, those that waited for it travel together, and later ones with all others', async () => {
  const statements: number[][] = [];
  let isHeld = true;
  const coalescer = new Coalescer<number, number>({
    lockOf: () => 'hot',
    run: async (items) => {
      statements.push(items);
      // The lock may be free before a statement that was in flight meanwhile is answered.
      const isBlocked = isHeld;
      await nextTurn();
      if (isBlocked) throw sqlError('55P03');
      return items;
    },
  });
  const first = coalescer.call(0);
  // It was tried again, so it waits for the lock.
  await until(() => statements.length > 1);
  const waiting = Array.from({ length: 99 }, (_, at) => coalescer.call(at + 1));
  isHeld = false;
  const before = statements.length;
  let end = 0;
  await Promise.all(
    waiting.map(async (call) => {
      await call;
      end ||= statements.length;
      // Whoever is answered comes back.
      await coalescer.call(-1);
    }),
  );
  await first;
  assert.deepEqual(
    statements.slice(before, end).map(({ length }) => length),
    [1, 99],
  );
  assert.ok(statements.length - end < 10, `${statements.length - end} statements`);
});

test('Coalescer: an item that is blocked for too long fails with 503, and another one that waits for the lock too', async () => {
  const coalescer = new Coalescer<string, string>({
    maxBlockedMs: 100,
    run: async (items) => items,
    isBlocked: (result) => result === 'locked',
    lockOf: (item) => item,
  });
  const results = await Promise.allSettled(['locked', 'free', 'locked'].map((item) => coalescer.call(item)));
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.code)),
    ['contended', 'free', 'contended'],
  );
});

for (const waitsForNoLock of [false, true]) {
  test(`Coalescer: a call that may be blocked for a shorter time fails before the others (${waitsForNoLock})`, async () => {
    const coalescer = new Coalescer<string, string>({
      run: async (items) => items.map(() => (isLocked ? 'locked' : 'done')),
      isBlocked: (result) => result === 'locked',
      waitsForNoLock,
    });
    let isLocked = true;
    const patient = coalescer.call('patient');
    await assert.rejects(coalescer.call('short', 1), { code: 'contended' });
    isLocked = false;
    assert.equal(await patient, 'done');
    await coalescer.idle();
  });
}

test('Coalescer: where a whole table is locked, a batch is not tried item by item', async () => {
  let [statements, named, triedBefore] = [0, 0, 0];
  const coalescer = new Coalescer<number, number>({
    maxBlockedMs: 1,
    run: async () => {
      statements++;
      throw sqlError('55P03');
    },
    // The lock of a call is named when it arrives, and when it is blocked.
    lockOf: () => {
      if (++named === 1000) triedBefore = statements;
      return undefined;
    },
  });
  await Promise.allSettled(Array.from({ length: 500 }, (_, item) => coalescer.call(item)));
  assert.ok(named >= 1000);
  assert.ok(triedBefore < 100, `${triedBefore} statements`);
});

for (const code of ['22P02', '23514', '54000']) {
  test(`Coalescer: an item whose fault is ${code} fails alone, and its neighbours succeed`, async () => {
    for (const bad of [[0], [99], [41], [3, 4, 77]]) {
      const { coalescer, statements } = failingOn(bad, code);
      const calls = Array.from({ length: 100 }, (_, item) => coalescer.call(item));
      const results = await Promise.allSettled(calls);
      results.forEach((result, item) => {
        if (bad.includes(item)) assert.equal(result.status === 'rejected' && result.reason.code, code);
        else assert.equal(result.status === 'fulfilled' && result.value, 10 * item);
      });
      assert.ok(statements.length <= 1 + bad.length * 2 * 7, `${statements.length} statements`);
    }
  });
}

for (const code of ['57014', '08006', '40001', 'CONNECTION_CLOSED', '']) {
  test(`Coalescer: ${code || 'an error without a code'} fails all, and nothing is run again`, async () => {
    const { coalescer, statements } = failingOn([2], code);
    const results = await Promise.allSettled([1, 2, 3].map((item) => coalescer.call(item)));
    assert.ok(results.every(({ status }) => status === 'rejected'));
    assert.equal(statements.length, 1);
    assert.equal(await coalescer.call(5), 50);
  });
}

test('Coalescer: a call without a result fails; idle waits for all calls', async () => {
  const { coalescer, call, inFlight } = byHand();
  await coalescer.idle();
  const calls = call(1);
  let idle = false;
  const waiting = coalescer.idle().then(() => {
    idle = true;
  });
  const statement = await inFlight(0);
  assert.equal(idle, false);
  statement.succeed();
  await Promise.all([waiting, calls]);
  const short = new Coalescer<number, number>({ run: async () => [1] });
  const results = await Promise.allSettled([short.call(1), short.call(2)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});

test('push: one that cannot be stored, among 200 at once, harms no neighbour', async () => {
  // No body that passes the door is known to fail in SQL: the table is made to refuse one.
  await sql`alter table jobs add constraint jobs_refuse check (job::text <> '"refused"')`;
  const pushes = Array.from({ length: 200 }, (_, at) =>
    ask('POST', '/queues/neighbours/jobs', { job: at === 77 ? 'refused' : at }),
  );
  const answers = await Promise.all(pushes);
  assert.deepEqual(tally(answers), { 201: 199, '500 internal_error': 1 });
  assert.equal(answers[77]?.status, 500);
  const stored =
    await sql`select job::text::integer as job from jobs where queue = 'neighbours' order by job`;
  assert.deepEqual(
    stored.map((row) => row['job']),
    Array.from({ length: 200 }, (_, at) => at).filter((at) => at !== 77),
  );
});

test('push: 413 where an index of the operator cannot hold a value, and its neighbours are pushed', async () => {
  await sql`create index jobs_source on jobs ((job ->> 'source'))`;
  const source = randomBytes(4000).toString('hex');
  const jobs = Array.from({ length: 20 }, (_, at) => ({ source: at === 7 ? source : `${at}` }));
  const answers = await Promise.all(jobs.map((job) => ask('POST', '/queues/indexed/jobs', { job })));
  assert.deepEqual(tally(answers), { 201: 19, '413 beyond_database_limit': 1 });
  const batch = await ask('POST', '/queues/indexed/jobs/batch', { jobs: jobs.map((job) => ({ job })) });
  assert.deepEqual([batch.status, batch.json.code], [413, 'beyond_database_limit']);
  await sql`drop index jobs_source`;
});

test('fail and release of one lease that share a statement: the first wins, the second has lost', async () => {
  await push('together', { job: 1 });
  const { id, lease } = only(await pop('together'));
  const ending = createRunEnds(db, { backoffMaxSeconds: 1 });
  const failed = { ...parseLease(lease), error: 'e', attempt_cost: 1, retry: true, delay: 1000 } as const;
  const released = {
    ...parseLease(lease),
    error: undefined,
    attempt_cost: 0,
    retry: true,
    delay: 0,
  } as const;
  const [first, second] = await Promise.all([ending.call(failed), ending.call(released)]);
  assert.equal(first.lost, null);
  assert.equal((await job(id)).json.state, 'scheduled');
  assert.equal(second.lost, 'scheduled');
});

test('heartbeat: a late one that shares a statement with a current one does not extend the lease', async () => {
  const { id } = await push('stretch', { job: 1 });
  const late = only(await pop('stretch'));
  await onLease(late.lease, 'release');
  const holder = only(await pop('stretch'));
  const beating = createExtensions(db, { leaseSeconds: 60 });
  const [lost, extended] = await Promise.all([
    beating.call({ ...parseLease(late.lease), lease_seconds: 40_000 }),
    beating.call({ ...parseLease(holder.lease), lease_seconds: 100 }),
  ]);
  assert.equal(lost.lost, 'running');
  assert.equal(extended.lost, null);
  const [row] = await sql<{ seconds: number }[]>`
    select extract(epoch from lease_expires_at - clock_timestamp())::float8 as seconds
    from jobs
    where id = ${id}`;
  assert.ok(row && row.seconds <= 100, `the lease lasts ${row?.seconds} s`);
});

test('pushMany: a unique key is not taken for pushed because of an id that exists without it', async () => {
  const { id } = await push('folded', { job: 'dies', unique_key: 'k' });
  await onLease(only(await pop('folded')).lease, 'fail', { retry: false });
  const jobs = [
    { job: 'dies', id, unique_key: 'k' },
    { job: 'new', unique_key: 'k' },
  ];
  const { json } = await ask('POST', '/queues/folded/jobs/batch', { jobs });
  assert.deepEqual(json.jobs[0], { id, duplicate: true });
  assert.equal(json.jobs[1].duplicate, false);
  assert.equal(only(await pop('folded')).job, 'new');
});

const workers = (count: number) => Array.from({ length: count }, (_, at) => ({ worker_id: `w${at}` }));

/** The answers to polls that came while a claim was in flight at the queue, and are claimed for together. */
async function gathered(queue: string, bodies: object[]): Promise<Answer[]> {
  await until(() => service.parked() === 0);
  let answers: Promise<PromiseSettledResult<Answer>[]> | undefined;
  await sql.begin(async (tx) => {
    await tx`lock table paused_queues in access exclusive mode`;
    const first = popAnswer(queue, { worker_id: 'first' });
    await untilWaiting(sql);
    const polls = bodies.map((body) => popAnswer(queue, body, { signal: AbortSignal.timeout(10_000) }));
    answers = Promise.allSettled([first, ...polls]);
    await until(() => service.parked() === 1 + bodies.length);
    // Timers of 0 seconds that were set before this one run before it.
    await sleep(5);
  });
  return ((await answers) ?? []).slice(1).map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

test('pop: of 40 that wait 0 seconds at an empty queue, each is answered', async () => {
  const polls = await gathered('nothing', workers(40));
  for (const { json } of polls) assert.deepEqual(json, { jobs: [] });
});

test('pop: of 40 that wait 0 seconds at a queue of 100 jobs, each gets one', async () => {
  await sql`insert into jobs (queue, job) select 'plenty', '1' from generate_series(1, 100)`;
  const polls = await gathered('plenty', workers(40));
  const counts = polls.map(({ json }) => json.jobs.length);
  assert.deepEqual(
    counts,
    counts.map(() => 1),
  );
});

test('pop: the same idempotency key at another queue is a different key', async () => {
  const key = { worker_id: 'two-handed', idempotency_key: '1' };
  await push('left', { job: 'left' });
  assert.equal(only(await pop('left', key)).job, 'left');
  await ask('POST', '/queues/right/jobs/batch', { jobs: [{ job: 1 }, { job: 2 }, { job: 3 }] });
  const polls = await gathered('right', [{}, key]);
  assert.deepEqual(tally(polls), { 200: 2 });
  assert.ok(polls.every(({ json }) => json.jobs.length === 1));
});

const unused = () => assert.fail('not needed here');
const dependencies = {
  complete: unused,
  giveBack: () => {},
  observer: { batch: () => {}, jobs: () => {}, waited: () => {}, ran: () => {} },
  maxWaitingPolls: 1000,
};

/** A dispatcher whose claims are answered by the test, with what they tell of the queue. */
function dispatcherOf(claim: (slots: Slot[], leases: Lease[]) => Promise<Claim & Verdict>): Dispatcher {
  let verdict: Verdict = { unsureMs: undefined, isQuiet: false };
  class Marks extends LowWaterMarks {
    override claimed(): Verdict {
      return verdict;
    }
  }
  class SameMarks extends MarksOfQueues {
    readonly #marks = new Marks();
    override of(): Marks {
      return this.#marks;
    }
  }
  return new Dispatcher({
    ...dependencies,
    marks: new SameMarks(),
    claim: async (_queue, slots, leases) => {
      const answer = await claim(slots, leases);
      verdict = answer;
      return { ...answer, ran: [], others: [] };
    },
  });
}

test('pop: a poll that waits 0 seconds is not answered empty before a claim has found the queue empty', async () => {
  let claims = 0;
  const dispatcher = dispatcherOf(async (slots) => {
    claims++;
    // Longer than the 0 seconds of those who are not asked for yet.
    await sleep(5);
    const jobs = slots.map((_, at) => ({ n: at + 1 }) as Claim['jobs'][number]);
    return { jobs, truncated: false, completed: [], blocked: [], unsureMs: undefined, isQuiet: true };
  });
  const options = { max: 1, waitSeconds: 0, leases: [] };
  const parked = workers(40).map((worker) => dispatcher.wait('many', { ...worker, ...options }).answer);
  const counts = (await Promise.all(parked)).map(({ jobs }) => jobs.length);
  assert.deepEqual(
    counts,
    Array.from({ length: 40 }, () => 1),
  );
  assert.ok(claims < 10, `${claims} claims`);
});

/** The result of a claim. */
const NOTHING_FOUND = { jobs: [], truncated: false, completed: [], blocked: [] };

test('pop: a second claim follows at once for a poll that waits on only where there was a sign of a job', async () => {
  const claimsOf = async (isQuiet: boolean, waitSeconds: number): Promise<number> => {
    let claims = 0;
    const dispatcher = dispatcherOf(async () => {
      claims++;
      // Only the second one can tell that nothing is there.
      return { ...NOTHING_FOUND, unsureMs: claims === 1 ? 0 : undefined, isQuiet };
    });
    const { answer } = dispatcher.wait('calm', { worker_id: 'w', max: 1, waitSeconds, leases: [] });
    await dispatcher.idle();
    dispatcher.stop();
    assert.deepEqual((await answer).jobs, []);
    return claims;
  };
  assert.equal(await claimsOf(true, 20), 1);
  assert.equal(await claimsOf(false, 20), 2);
  assert.equal(
    await claimsOf(true, 0),
    2,
    'whose wait is over is not told of an empty queue before a look at it',
  );
});

/** Stops the clock at 0. What it returns moves it, and the timers, which may be ahead of it. */
function stopTime(t: TestContext): (now: number, timers?: number) => void {
  let clock = 0;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => clock);
  return (now, timers = now) => {
    clock = now;
    t.mock.timers.tick(timers);
  };
}

test('pop: a wait ends with its timer, also where that fires a little early', async (t) => {
  const passTo = stopTime(t);
  let claims = 0;
  const dispatcher = dispatcherOf(async () => {
    claims++;
    // The first one cannot tell that nothing is there.
    return { ...NOTHING_FOUND, unsureMs: claims === 1 ? 30 : undefined, isQuiet: false };
  });
  let handed: unknown;
  dispatcher.wait('early', { worker_id: 'w', max: 1, waitSeconds: 20, leases: [] }).answer.then((answer) => {
    handed = answer;
  }, assert.fail);
  await dispatcher.idle();
  passTo(19_998.5, 20_000);
  await dispatcher.idle();
  assert.equal(claims, 2);
  assert.deepEqual(handed, { jobs: [], completed: undefined });
});

test('pop: a wait at a quiet queue ends without a further claim, which might fail', async (t) => {
  const passTo = stopTime(t);
  let claims = 0;
  const dispatcher = dispatcherOf(async () => {
    if (++claims > 1) throw new Error('the database is away');
    return { ...NOTHING_FOUND, unsureMs: 30, isQuiet: true };
  });
  const { answer } = dispatcher.wait('down', { worker_id: 'w', max: 1, waitSeconds: 20, leases: [] });
  await dispatcher.idle();
  passTo(20_000);
  assert.deepEqual(await answer, { jobs: [], completed: undefined });
  assert.equal(claims, 1);
});

test('pop: the slots of a poll whose jobs are redelivered say nothing about the queue', async () => {
  const row = {
    claims: 1,
    job: '1',
    attempts: 0,
    max_attempts: 5,
    queued_at: '',
    lease_expires_at: '',
    priority: 0,
  };
  const statements = [
    // A full look for one slot: the other four are of a poll that gets the job of its key again.
    [
      { ...row, id: 'a', seq: '1', n: 1, redelivered: true, found: 2, completed: null },
      { ...row, id: 'b', seq: '2', n: 2, redelivered: false, found: 2, completed: null },
    ],
  ];
  let asked = 0;
  const run = async () => statements[asked++] ?? [{ id: null, found: 0, completed: null }];
  const scripted = { run } as unknown as Database;
  const dispatcher = new Dispatcher({
    ...dependencies,
    claim: (queue, slots, leases, marks) =>
      claimJobs(scripted, queue, slots, leases, marks, { leaseSeconds: 60 }),
  });
  const wait = (options: Parameters<Dispatcher['wait']>[1]) => dispatcher.wait('again', options);
  const keyed = { worker_id: 'keyed', idempotency_key: '1', max: 4, waitSeconds: 20, leases: [] };
  const other = { worker_id: 'other', max: 1, waitSeconds: 20, leases: [] };
  await Promise.all([wait(keyed).answer, wait(other).answer]);
  assert.equal(asked, 1);
  const waiting = wait(other);
  // From the marks, and then a look at what the first one left.
  await until(() => asked >= 3, 10);
  dispatcher.stop();
  assert.deepEqual((await waiting.answer).jobs, []);
});

test('pop: the leases that 40 polls bring to an empty queue are completed at once, and then no claim is sent', async () => {
  const brought: string[] = [];
  let claims = 0;
  const dispatcher = dispatcherOf(async (_slots, leases) => {
    claims++;
    brought.push(...leases.map(({ id }) => id));
    await sleep(1);
    return {
      jobs: [],
      truncated: false,
      completed: leases.map(() => true),
      blocked: [],
      unsureMs: undefined,
      isQuiet: true,
    };
  });
  const ids = Array.from({ length: 40 }, (_, at) => `job ${at}`);
  const parked = ids.map((id) =>
    dispatcher.wait('empty', {
      worker_id: id,
      max: 1,
      waitSeconds: 20,
      leases: [{ id, claims: 1, token: null }],
    }),
  );
  await dispatcher.idle();
  assert.deepEqual(brought.sort(), [...ids].sort());
  assert.ok(claims < 5, `${claims} claims`);
  dispatcher.stop();
  for (const { answer } of parked) assert.deepEqual(await answer, { jobs: [], completed: [true] });
});

test('pop: a poll that waits 0 seconds gets a job of a priority without a mark, after a long scan', async () => {
  let queue = 'slow-look';
  // After a look of a tenth of a second the next one is too far away to wait for: a busy machine tries again.
  await until(async () => {
    queue += '-';
    await push(queue, { job: 'urgent' });
    await push(queue, { job: 'other', priority: 7 });
    let first: Promise<PoppedJob[]> | undefined;
    const began = performance.now();
    await sql.begin(async (tx) => {
      await tx`lock table paused_queues in access exclusive mode`;
      first = pop(queue);
      await untilWaiting(sql);
      await sleep(30);
    });
    assert.equal(only((await first) ?? []).job, 'urgent');
    return performance.now() - began < 90;
  });
  assert.equal(only(await pop(queue)).job, 'other');
});

test('pop: a poll that repeats an idempotency key is answered, also where the claim for its predecessor fails', async () => {
  await push('heir');
  const ask = (wait_seconds: number) => popAnswer('heir', { idempotency_key: 'k', wait_seconds });
  let answers: ReturnType<typeof ask>[] = [];
  await sql.begin(async (tx) => {
    await tx`lock table paused_queues in access exclusive mode`;
    answers = [ask(20)];
    await untilWaiting(sql);
    answers.push(ask(20));
    await until(() => service.parked() === 2);
    await tx`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    assert.equal((await answers[0])?.status, 503);
  });
  await until(() => service.parked() === 0, 5);
  assert.equal((await answers[1])?.json.jobs.length, 1);
});

test('pop: a wait that ends while a claim fails is not prolonged by later claims', async () => {
  await sql.begin(async (tx) => {
    await tx`lock table paused_queues in access exclusive mode`;
    const first = popAnswer('late', { wait_seconds: 20 });
    await untilWaiting(sql);
    const late = popAnswer('late', { wait_seconds: 1 });
    await until(() => service.parked() === 2);
    await sleep(1100);
    await tx`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    assert.equal((await first).status, 503);
    // The lock is still held: a claim of its own would wait for it.
    await until(() => service.parked() === 0, 5);
    assert.equal((await late).status, 503);
  });
});

test('pop: completed is answered, whatever the claim fails with', async () => {
  await push('broken');
  await push('broken');
  const { lease } = only(await pop('broken'));
  await sql`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`;
  await sql`
    create trigger refuse before update on jobs
    for each row when (new.queue = 'broken') execute function refuse()`;
  const { status, json } = await popAnswer('broken', { completed: [lease] });
  await sql`drop trigger refuse on jobs`;
  assert.equal(status, 200);
  assert.deepEqual([json.jobs, json.completed], [[], [{ lease, outcome: 'completed' }]]);
});

test('push: 1,000 jobs that fall due at once are swept together', async () => {
  const statements = async (): Promise<number> => {
    const [row] = await sql<{ count: number }[]>`
      select xact_commit::integer as count from pg_stat_database where datname = current_database()`;
    return row?.count ?? 0;
  };
  const jobs = Array.from({ length: 1000 }, (_, at) => ({ job: at, delay_seconds: 0.5 }));
  const before = await statements();
  await ask('POST', '/queues/soon/jobs/batch', { jobs });
  let got = 0;
  while (got < 1000) got += (await pop('soon', { max: 1000, wait_seconds: 20 })).length;
  // Processes report what they did once a second.
  await sleep(1500);
  const count = (await statements()) - before;
  // Not one for each of them; the sweeps of a second or two are among these.
  assert.ok(count < 400, `${count} statements`);
});
