import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/repos/queue/history.js';
import { Quantiles } from '../../src/repos/queue/quantiles.js';
import { queueClient } from '../support/queue-client.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

const service = await startTestService();
const { ask, push, pop, onLease, sql } = { ...service, ...queueClient(service) };

const START = Date.parse('2026-11-22T13:14:20Z');
const MINUTE = 60_000;

function atTime() {
  let now = START;
  const history = new History(() => now);
  return {
    history,
    pass: (minutes: number) => {
      now += minutes * MINUTE;
    },
  };
}

const empty = { queue: 'q', scheduled: 0, dead: 0, oldest_ready_seconds: null, paused: false };

test('a history has the minutes since its start, an hour at most, and the one that runs', () => {
  const { history, pass } = atTime();
  history.jobs('pushed', 'q', 3);
  history.jobs('expired', 'q', 1);
  history.jobs('failed', 'q', 1);
  history.counted([{ ...empty, ready: 7, running: 2 }]);
  pass(2);
  history.jobs('completed', 'q', 4);
  const { since, minutes } = history.of('q');
  assert.equal(since, '2026-11-22T13:14:20.000Z');
  assert.deepEqual(
    minutes.map(({ at, pushed, completed, failed, ready }) => [at, pushed, completed, failed, ready]),
    [
      ['2026-11-22T13:14:00.000Z', 3, 0, 2, 7],
      ['2026-11-22T13:15:00.000Z', 0, 0, 0, null],
      ['2026-11-22T13:16:00.000Z', 0, 4, 0, null],
    ],
  );
  assert.deepEqual(history.trend('q'), {
    pushed: [3, 0],
    completed: [0, 0],
    failed: [2, 0],
    ready: [7, null],
  });
  pass(60);
  history.jobs('pushed', 'q', 1);
  const later = history.of('q').minutes;
  assert.equal(later.length, 61);
  assert.deepEqual([later[0]?.completed, later.at(-1)?.pushed], [4, 1]);
  assert.equal(history.trend('q')?.completed.length, 60);
});

test('quantiles are at most a fifth too large, also of minutes that are over', () => {
  const { history, pass } = atTime();
  for (let n = 1; n <= 100; n++) history.ran(n, 'q');
  history.waited(0, 'q');
  history.ran(Number.NaN, 'q');
  history.ran(1, undefined);
  for (const _ of ['running', 'over']) {
    const [minute] = history.of('q').minutes;
    const { wait_p50, run_p50 = 0, run_p99 = 0 } = minute ?? {};
    assert.equal(wait_p50, 0);
    assert.ok(run_p50 !== null && run_p50 >= 50 && run_p50 < 60, `${run_p50}`);
    assert.ok(run_p99 !== null && run_p99 >= 99 && run_p99 < 120, `${run_p99}`);
    pass(1);
    history.ran(5, 'q');
  }
  assert.equal(new Quantiles().at(0.5), null);
});

test('1,000 queues have a history of their own; the others share one, until quiet ones are forgotten', () => {
  const { history, pass } = atTime();
  for (let n = 0; n < 1000; n++) history.jobs('pushed', `q${n}`, 1);
  history.jobs('pushed', 'late', 1);
  history.jobs('pushed', 'later', 1);
  history.counted([
    { ...empty, queue: 'late', ready: 1, running: 0 },
    { ...empty, queue: 'later', ready: 2, running: 0 },
  ]);
  const shared = history.of('later');
  assert.deepEqual([shared.shared, shared.minutes[0]?.pushed, shared.minutes[0]?.ready], [true, 2, 3]);
  assert.equal(history.trend('later'), undefined);
  assert.equal(history.of('q999').shared, false);
  pass(62);
  history.jobs('pushed', 'later', 5);
  assert.deepEqual([history.of('later').shared, history.of('later').minutes.at(-1)?.pushed], [false, 5]);
});

test('history: what happens to the jobs of a queue is counted, and how long they wait and run', async () => {
  await push('told');
  const [job] = await pop('told');
  await onLease(job?.lease ?? '', 'fail', { retry: false });
  await push('told');
  const [next] = await pop('told');
  await pop('told', { completed: [next?.lease] });
  await ask('GET', '/queues/told');
  const { queue, shared, minutes } = (await ask('GET', '/queues/told/history')).json;
  assert.deepEqual([queue, shared], ['told', false]);
  const sum = (name: string) =>
    minutes.reduce((total: number, minute: Record<string, number>) => total + (minute[name] ?? 0), 0);
  assert.deepEqual(['pushed', 'completed', 'failed', 'died'].map(sum), [2, 1, 1, 1]);
  assert.ok(minutes.some(({ run_p99 }: { run_p99: number | null }) => run_p99 !== null && run_p99 < 60));
  assert.ok(minutes.some(({ running }: { running: number | null }) => running === 0));
  assert.equal((await ask('GET', '/queues/unknown/history')).json.minutes.at(-1).pushed, 0);
});

test('queues: search, sort, trouble and pages', async () => {
  const names = ['List-a', 'list-b', 'list-c', 'list-ü'];
  for (const [at, queue] of names.entries()) for (let n = 0; n <= at % 3; n++) await push(queue);
  await ask('POST', '/queues/list-b/pause');
  await sql`update jobs set queued_at = queued_at - interval '20 minutes' where queue = 'list-c'`;
  const list = async (query: string) => (await ask('GET', `/queues?search=LIST&${query}`)).json;
  const namesOf = ({ queues }: { queues: { queue: string }[] }) => queues.map(({ queue }) => queue);
  const all = await list('');
  assert.deepEqual(namesOf(all), names);
  assert.equal(all.matched, 4);
  assert.ok(all.total > 4 && all.totals.ready >= 7 && all.totals.paused === 1 && all.totals.troubled >= 3);
  assert.deepEqual(
    all.queues.map(({ trouble }: { trouble: string[] }) => trouble),
    [[], ['paused'], ['stalled', 'old'], []],
  );
  assert.deepEqual(namesOf(await list('trouble=true&sort=trouble')), ['list-c', 'list-b']);
  assert.equal(namesOf(await list('sort=oldest'))[0], 'list-c');
  const sorted = ['list-c', 'list-b', 'List-a', 'list-ü'];
  for (const sort of ['sort=ready', 'sort=name']) {
    const found: string[] = [];
    let after = '';
    do {
      const page = await list(`${sort}&limit=1${after}`);
      found.push(...namesOf(page));
      after = page.next && `&after=${page.next}`;
    } while (after);
    assert.deepEqual(found, sort === 'sort=name' ? names : sorted);
  }
  const { queues, history } = await list('trend=true&limit=1');
  assert.equal(queues[0].trend.pushed.length, queues[0].trend.ready.length);
  assert.ok(history.since && history.from);
  for (const query of ['after=x', 'sort=size', 'max_age=6', 'limit=0', 'search=']) {
    assertProblem(await ask('GET', `/queues?${query}`), 400, 'invalid_request');
  }
});

test('queues: equal troubles are sorted by dead jobs, then by the oldest waiting one, also across pages', async () => {
  const deadIn = { 'tie-a': 1, 'tie-b': 1, 'tie-c': 2, 'tie-d': 1 };
  for (const [queue, dead] of Object.entries(deadIn)) {
    for (let n = 0; n < dead; n++) {
      await push(queue);
      const [job] = await pop(queue);
      await onLease(job?.lease ?? '', 'fail', { retry: false });
    }
  }
  await push('tie-b');
  const found: string[] = [];
  let after = '';
  do {
    const { json } = await ask('GET', `/queues?search=tie-&sort=trouble&limit=1${after}`);
    found.push(...json.queues.map(({ queue }: { queue: string }) => queue));
    after = json.next && `&after=${json.next}`;
  } while (after);
  assert.deepEqual(found, ['tie-c', 'tie-b', 'tie-a', 'tie-d']);
});

test('queues: pages that take figures of some seconds share a count and an answer; 304 while nothing has changed', async () => {
  await push('shared');
  const first = await ask('GET', '/queues?max_age=5&search=shared');
  await push('shared');
  const second = await ask('GET', '/queues?max_age=5&search=shared');
  assert.equal(second.text, first.text);
  const etag = first.headers.get('etag') ?? '';
  assert.match(etag, /^W\/"/);
  const known = { headers: { 'if-none-match': etag } };
  const same = await ask('GET', '/queues?max_age=5&search=shared', undefined, known);
  assert.deepEqual([same.status, same.text], [304, '']);
  const fresh = await ask('GET', '/queues?search=shared', undefined, known);
  assert.deepEqual([fresh.status, fresh.json.queues[0].ready], [200, 2]);
  // The figures of one queue may be those of this count too.
  await push('shared');
  for (const [query, ready] of [['?max_age=5', 2] as const, ['', 3] as const])
    assert.equal((await ask('GET', `/queues/shared${query}`)).json.ready, ready);
  // A waiting job gets older all the time: its age alone is no news.
  await sql`update jobs set queued_at = now() - interval '130 seconds' where queue = 'shared'`;
  const idle = await ask('GET', '/queues?search=shared&sort=oldest&limit=1');
  const again = { headers: { 'if-none-match': idle.headers.get('etag') ?? '' } };
  await sql`update jobs set queued_at = now() - interval '150 seconds' where queue = 'shared'`;
  assert.equal((await ask('GET', '/queues?search=shared&sort=oldest&limit=1', undefined, again)).status, 304);
  await sql`update jobs set queued_at = now() - interval '250 seconds' where queue = 'shared'`;
  assert.equal((await ask('GET', '/queues?search=shared&sort=oldest&limit=1', undefined, again)).status, 200);
});
