import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { QueuePosition } from '../../src/repos/queue/sql/queue-position.js';
import { atEnd } from '../support/cleanup.js';
import { MarkedQueue } from '../support/queue-marks.js';

let queue = new MarkedQueue();
const { now } = performance;
// By hand: a mock would remember each of a million calls.
performance.now = () => queue.now;
atEnd(async () => {
  performance.now = now;
});
beforeEach(() => {
  queue = new MarkedQueue();
});

const jobs = (...seqs: number[]): QueuePosition[] => seqs.map((seq) => ({ priority: 0, seq: String(seq) }));

test('next: a full scan at first, and again one second after the last', () => {
  const { marks } = queue;
  assert.equal(marks.next(), undefined);
  marks.scanned(1, jobs(5, 6), false);
  assert.deepEqual(marks.next(), jobs(6));
  queue.now += 999;
  assert.deepEqual(marks.next(), jobs(6));
  queue.now += 1;
  assert.equal(marks.next(), undefined);
});

test('next: a full scan while nothing has been delivered', () => {
  const { marks } = queue;
  marks.scanned(1, [], true);
  assert.equal(marks.next(), undefined);
});

test('next: a claim that found too little is followed by a full scan, 50 ms after the last', () => {
  const { marks } = queue;
  marks.scanned(1, jobs(5), false);
  marks.claimedFromMarks([], true);
  assert.equal(marks.msToScan(), 50);
  assert.deepEqual(marks.next(), jobs(5));
  queue.now += 50;
  assert.equal(marks.msToScan(), 0);
  assert.equal(marks.next(), undefined);
  marks.scanned(1, jobs(3), true);
  assert.deepEqual(marks.next(), jobs(5), 'all was seen: the mark stays');
});

test('next: a full scan that takes long is followed by a pause of ten times its duration', () => {
  const { marks } = queue;
  marks.scanned(400, jobs(5), false);
  marks.claimedFromMarks([], true);
  assert.equal(marks.msToScan(), 4000);
  queue.now += 3999;
  assert.deepEqual(marks.next(), jobs(5));
  queue.now += 1;
  assert.equal(marks.next(), undefined);
});

test('isQuiet: a full scan covers the signs before it was sent, and none after', () => {
  const { marks } = queue;
  assert.equal(marks.isQuiet, false, 'at first nothing was seen');
  marks.next();
  marks.scanned(1, jobs(5), true);
  assert.equal(marks.isQuiet, true);
  marks.noteSign();
  assert.equal(marks.next()?.length, 1);
  marks.claimedFromMarks([], true);
  assert.equal(marks.isQuiet, false, 'a claim from the marks does not see all');
  queue.now += 50;
  assert.equal(marks.next(), undefined);
  marks.noteSign();
  marks.scanned(1, [], true);
  assert.equal(marks.isQuiet, false, 'heard of during the look');
});

test('isQuiet: a full scan that filled its slots does not cover later jobs', () => {
  const { marks } = queue;
  marks.next();
  assert.equal(marks.isQuiet, false, 'nor has one that failed');
  marks.scanned(1, jobs(5), false);
  assert.equal(marks.isQuiet, false);
});

test('next: priorities in numeric order, and seqs beyond what a number holds', () => {
  const { marks } = queue;
  const marked = [-32_768, -1, 0, 9, 10, 32_767].map((priority) => ({ priority, seq: '9007199254740993' }));
  marks.scanned(1, marked.toReversed(), true);
  assert.deepEqual(marks.next(), marked);
  marks.claimedFromMarks([{ priority: 9, seq: '9007199254740992' }], false);
  assert.deepEqual(marks.next(), marked);
});

test('scanned: jobs after the last delivered one were not read, so the mark goes back to it', () => {
  const { marks } = queue;
  marks.scanned(1, jobs(100), true);
  queue.now += 1000;
  marks.scanned(1, jobs(3, 4), false);
  assert.deepEqual(marks.next(), jobs(4));
});

test('lower: the mark goes down to the job, never up', () => {
  const { marks } = queue;
  marks.scanned(1, jobs(100), true);
  marks.lower({ priority: 0, seq: '30' });
  assert.deepEqual(marks.next(), jobs(30));
  marks.lower({ priority: 0, seq: '70' });
  assert.deepEqual(marks.next(), jobs(30));
});

test('lower: the result of a claim in flight does not raise the mark above a job that returned meanwhile', () => {
  const { marks } = queue;
  marks.scanned(1, jobs(100), true);
  marks.next();
  marks.lower({ priority: 0, seq: '30' });
  marks.claimedFromMarks(jobs(101), false);
  assert.deepEqual(marks.next(), jobs(30));
  marks.claimedFromMarks(jobs(30, 102), false);
  assert.deepEqual(marks.next(), jobs(102));
  queue.now += 1000;
  assert.equal(marks.next(), undefined);
  marks.lower({ priority: 0, seq: '40' });
  marks.scanned(1, jobs(103), false);
  assert.deepEqual(marks.next(), jobs(40));
});

test('lower, expect: another priority is claimed from its beginning', () => {
  const { marks } = queue;
  marks.scanned(1, jobs(100), true);
  marks.expect(0);
  assert.deepEqual(marks.next(), jobs(100));
  marks.expect(-1);
  marks.lower({ priority: 7, seq: '30' });
  assert.deepEqual(marks.next(), [{ priority: -1, seq: '0' }, ...jobs(100), { priority: 7, seq: '0' }]);
});

test('lower, expect: calls before the first full scan do not replace it', () => {
  const { marks } = queue;
  marks.scanned(1, [], true);
  marks.expect(1);
  marks.lower({ priority: 2, seq: '3' });
  assert.equal(marks.next(), undefined);
});

const inOrder = (one: QueuePosition, other: QueuePosition): number =>
  one.priority - other.priority || Number(one.seq) - Number(other.seq);

type Step = (held: QueuePosition[], late: QueuePosition[]) => void;

const priority = fc.constantFrom(-1, 0, 0, 0, 7);
const tell = fc.constantFrom('expect' as const, undefined);
const steps: fc.Arbitrary<Step>[] = [
  // A push here, or on another replica.
  fc.tuple(priority, tell).map(
    ([p, how]) =>
      () =>
        queue.commit(queue.draw(p), how),
  ),
  // A push whose commit comes late: others with higher seqs may have been handed out by then.
  priority.map((p) => (_held, late) => void late.push(queue.draw(p))),
  tell.map((how) => (_held, late) => {
    const job = late.shift();
    if (job) queue.commit(job, how);
  }),
  fc.integer({ min: 1, max: 4 }).map((most) => (held) => void held.push(...queue.claim(most).jobs)),
  // A release, a requeue or an expiry, here or on another replica.
  fc.tuple(fc.nat(), fc.constantFrom('lower' as const, undefined)).map(([nth, how]) => (held) => {
    const [job] = held.splice(nth % Math.max(held.length, 1), 1);
    if (job) queue.commit(job, how);
  }),
  fc.constantFrom(1, 20, 60, 1100).map((ms) => () => {
    queue.now += ms;
  }),
];
const histories = fc.array(fc.oneof(...steps), { maxLength: 60 });

/** So few that the histories, which have three priorities, exceed them; or as many as the service has. */
const maxMarks = fc.constantFrom(1, 2, undefined);

/** What a history leaves behind, all of it committed. */
function live(history: Step[], maxMarks: number | undefined): void {
  queue = new MarkedQueue(maxMarks);
  const late: QueuePosition[] = [];
  const held: QueuePosition[] = [];
  for (const step of history) step(held, late);
  for (const job of late) queue.commit(job);
}

test('after any history: claims get all ready jobs within half a second', () => {
  const property = fc.property(
    histories,
    fc.integer({ min: 1, max: 4 }),
    maxMarks,
    (history, most, marks) => {
      live(history, marks);
      const begun = queue.now;
      // As QueuePolls does: where a claim found too little, it waits until a full look may follow.
      for (let isOver = false; !isOver; ) {
        const { jobs: got, isFullScan } = queue.claim(most);
        isOver = isFullScan && got.length < most;
        if (!isFullScan && got.length < most) queue.now += queue.marks.msToScan();
      }
      assert.equal(queue.size, 0);
      assert.ok(queue.now - begun < 500, `after ${queue.now - begun} ms`);
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

test('after any history: under a load that never ends, the jobs from before it are delivered', () => {
  const property = fc.property(
    histories,
    fc.integer({ min: 1, max: 4 }),
    maxMarks,
    (history, most, marks) => {
      live(history, marks);
      const before = queue.ready();
      // Always more than is asked for, so that no claim finds too little, and of the least urgent.
      for (let at = 0; at < 2 * most; at++) queue.commit(queue.draw(7), 'expect');
      // A full look each second finds what stands below the mark of one priority, of three.
      for (let ms = 0; ms < 4000 + 10 * before.length; ms += 10) {
        queue.claim(most, 10);
        for (let at = 0; at < most; at++) queue.commit(queue.draw(7), 'expect');
      }
      assert.deepEqual(
        before.filter((job) => queue.has(job)),
        [],
      );
    },
  );
  fc.assert(property, { numRuns: 100 });
});

test('a process that was told of all jobs since its first claim skips no job that is more urgent', () => {
  type Answer = ReturnType<MarkedQueue['begin']>;
  interface World {
    held: QueuePosition[];
    /** The claim in flight. */
    answer: Answer | undefined;
  }
  const push = priority.map((p) => () => queue.commit(queue.draw(p), 'expect'));
  const begin = fc.integer({ min: 1, max: 3 }).map((most) => (world: World) => {
    if (world.answer) return;
    const ready = queue.ready();
    world.answer = queue.begin(most);
    const left = new Set(queue.ready());
    const last = ready
      .filter((job) => !left.has(job))
      .sort(inOrder)
      .at(-1);
    assert.deepEqual(
      [...left].filter((job) => last && inOrder(job, last) < 0),
      [],
    );
  });
  const end = fc.constant((world: World) => {
    world.held.push(...(world.answer?.().jobs ?? []));
    world.answer = undefined;
  });
  const release = fc.nat().map((nth) => ({ held }: World) => {
    const [job] = held.splice(nth % Math.max(held.length, 1), 1);
    if (job) queue.commit(job, 'lower');
  });
  const time = fc.constantFrom(1, 60).map((ms) => () => {
    queue.now += ms;
  });
  const later = fc.array(fc.oneof(push, begin, end, release, time), { maxLength: 40 });
  const property = fc.property(
    fc.array(priority, { maxLength: 4 }),
    later,
    maxMarks,
    (before, history, marks) => {
      queue = new MarkedQueue(marks);
      for (const one of before) queue.commit(queue.draw(one));
      const world: World = { held: [], answer: undefined };
      for (const step of history) step(world);
    },
  );
  fc.assert(property, { numRuns: 1500 });
});

test('jobs of ever new priorities are found one after the other, without a full scan for each', () => {
  for (let one = 0; one < 20; one++) queue.commit(queue.draw(one));
  const claims = Array.from({ length: 20 }, () => queue.claim(1, 20));
  assert.deepEqual(
    claims.map(({ jobs: [job] }) => job?.priority),
    Array.from({ length: 20 }, (_, at) => at),
  );
  assert.equal(claims.filter(({ isFullScan }) => isFullScan).length, 1);
});

test('next: however many priorities a queue had, a claim looks at a bounded number of ranges', () => {
  const { marks } = queue;
  const many = Array.from({ length: 65_536 }, (_, at) => ({ priority: at - 32_768, seq: String(at + 1) }));
  const ways: Record<string, () => void> = {
    'delivered by one claim': () => marks.scanned(1, many.slice(0, 1000), false),
    'delivered one after the other': () => {
      for (const job of many) {
        if (marks.next()) marks.claimedFromMarks([job], false);
        else marks.scanned(1, [job], false);
      }
    },
    pushed: () => {
      for (const { priority } of many) marks.expect(priority);
    },
    'come back': () => {
      for (const job of many) marks.lower(job);
    },
  };
  for (const [way, have] of Object.entries(ways)) {
    have();
    assert.ok((marks.next()?.length ?? 0) <= 200, way);
    marks.scanned(1, jobs(70_000), true);
    const from = marks.next();
    assert.ok(from && from.length <= 200, `${way}: ${from?.length} ranges`);
    assert.equal(
      from.some(({ priority, seq }) => priority === 0 && seq === '70000'),
      true,
      way,
    );
  }
});

test('a paused queue seems empty, and says nothing about its jobs', () => {
  const { marks } = queue;
  for (const one of [-1, 0]) queue.commit(queue.draw(one));
  marks.next();
  marks.scanned(1, [], true);
  assert.equal(queue.claim(1).jobs[0]?.priority, -1);
  queue.commit(queue.draw(7), 'expect');
  assert.equal(queue.claim(1).jobs[0]?.priority, 0);
});

test('more urgent jobs that fill each full scan do not hide others for ever', () => {
  const late = queue.draw(7);
  queue.commit(queue.draw(7));
  queue.claim(1);
  queue.commit(late);
  let rounds = 0;
  for (; queue.has(late) && rounds < 100; rounds++) {
    queue.now += 1000;
    queue.commit(queue.draw(0), 'expect');
    queue.commit(queue.draw(7), 'expect');
    assert.equal(queue.claim(1).isFullScan, true);
    queue.claim(1);
  }
  assert.ok(rounds < 100, `passed over ${rounds} times`);
});
