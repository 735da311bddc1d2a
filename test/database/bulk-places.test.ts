import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Pool } from '../../src/database/pool.js';
import { atEnd } from '../support/cleanup.js';

/** In a file of their own, without a service: the mocked clock would not stop the timers of a driver that connects. */

/** Something that runs until it is told to end. */
function task() {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => ended, end: () => end() };
}

/** A pool that never connects, as its statements send nothing. */
function openPool(size: number): Pool {
  const pool = new Pool({}, { size, maxWaitMs: 10_000, maxRefusedMs: 0, maxRunMs: 30_000 });
  atEnd(() => pool.close());
  return pool;
}

for (const [places, share] of [
  [1, 1],
  [2, 1],
  [10, 1],
  [40, 4],
] as const) {
  test(`of ${places} places bulk reads hold ${share}, and ordinary statements the others`, async () => {
    const pool = openPool(places);
    const bulk = Array.from({ length: places + 5 }, task);
    const passing = bulk.map(({ run }) => pool.run(run, 'bulk'));
    assert.equal(pool.load().running, share);
    assert.equal(pool.load().waiting, places + 5 - share);
    const others = Array.from({ length: places - share }, task);
    const passingToo = others.map(({ run }) => pool.run(run));
    assert.equal(pool.load().running, places);
    for (const { end } of [...others, ...bulk]) end();
    await Promise.all([...passing, ...passingToo]);
    assert.equal(pool.load().running, 0);
    assert.equal(pool.load().waiting, 0);
  });
}

for (const [places, ofOne, ofAll] of [
  [1, 1, 1],
  [2, 1, 2],
  [3, 1, 2],
  [10, 6, 8],
  [40, 24, 32],
] as const) {
  test(`of ${places} places statements for single requests hold ${ofOne} for one operation, and ${ofAll} for all`, async () => {
    const pool = openPool(places);
    const tasks: ReturnType<typeof task>[] = [];
    const passing: Promise<void>[] = [];
    const pass = (operation: string | undefined): void => {
      const one = task();
      tasks.push(one);
      const requester = operation === undefined ? [] : { operation, requestId: 'r' };
      passing.push(pool.run(one.run, 'ordinary', undefined, requester));
    };
    for (let n = 0; n < places + 5; n++) pass('settings.set');
    assert.equal(pool.load().running, ofOne);
    for (let n = 0; n < places + 5; n++)
      for (const operation of ['queue.cancel', 'queue.pause']) pass(operation);
    assert.equal(pool.load().running, ofAll);
    for (let n = ofAll; n < places; n++) pass(undefined);
    assert.deepEqual([pool.load().running, pool.load().waiting], [places, 3 * (places + 5) - ofAll]);
    for (const { end } of tasks) end();
    await Promise.all(passing);
    assert.deepEqual([pool.load().running, pool.load().waiting], [0, 0]);
  });
}

test('a bulk read gets its turn in a pool that is never idle, first come first served', async () => {
  const pool = openPool(2);
  const order: string[] = [];
  const pass = (name: string, kind: 'ordinary' | 'bulk') => {
    const { run, end } = task();
    const passed = pool.run(() => {
      order.push(name);
      return run();
    }, kind);
    return { end, passed };
  };
  const [first, second] = [pass('a', 'ordinary'), pass('b', 'ordinary')];
  const rest = [pass('bulk 1', 'bulk'), pass('bulk 2', 'bulk'), pass('c', 'ordinary'), pass('d', 'ordinary')];
  first.end();
  await first.passed;
  assert.deepEqual(order, ['a', 'b', 'bulk 1']);
  second.end();
  await second.passed;
  await nextTurn();
  assert.deepEqual(order, ['a', 'b', 'bulk 1', 'c'], 'bulk 2 waits for bulk 1, and c does not wait for it');
  for (const { end } of rest) end();
  await Promise.all(rest.map(({ passed }) => passed));
  assert.deepEqual(order.slice(4).sort(), ['bulk 2', 'd']);
});

for (const [when, besides, atOnce] of [
  ['for as long as it was held, where ordinary statements came meanwhile', true, false],
  ['not at all, where none came', false, true],
] as const) {
  test(`the place of a bulk read rests after it: ${when}`, async (t) => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const pool = openPool(10);
    const first = task();
    const passing = pool.run(first.run, 'bulk');
    if (besides) await pool.run(async () => {});
    let hasBegun = false;
    const next = pool.run(async () => {
      hasBegun = true;
    }, 'bulk');
    now = 200;
    first.end();
    await passing;
    await nextTurn();
    assert.equal(hasBegun, atOnce);
    t.mock.timers.tick(200);
    await next;
  });
}
