import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Repeater } from '../../src/repos/repeater.js';

let failures: string[] = [];
let repeater: Repeater;
beforeEach(() => {
  failures = [];
  repeater = new Repeater((error, message) => failures.push(`${message}: ${String(error)}`));
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => {
  repeater.stop();
  mock.timers.reset();
});

/** Lets time go by, and what begins then end. */
async function after(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await nextTurn();
}

/** A task that runs each 500 to 900 ms; says how often it ran. */
function repeat(cost: () => number): () => number {
  let runs = 0;
  repeater.every(
    [500, 900],
    async () => {
      runs++;
      return cost();
    },
    'it failed',
  );
  return () => runs;
}

test('every: pauses between the two bounds', async () => {
  const runs = repeat(() => 1);
  for (let run = 1; run <= 20; run++) {
    await after(499);
    assert.equal(runs(), run - 1);
    await after(401);
    assert.equal(runs(), run);
  }
});

test('every: a long run is followed by a pause of four to five times its duration, some ten seconds at most', async () => {
  let cost = 1500;
  const runs = repeat(() => cost);
  await after(900);
  assert.equal(runs(), 1);
  cost = 60_000;
  await after(5999);
  assert.equal(runs(), 1);
  await after(1501);
  assert.equal(runs(), 2);
  cost = 1;
  await after(9999);
  assert.equal(runs(), 2);
  await after(2501);
  assert.equal(runs(), 3);
  await after(900);
  assert.equal(runs(), 4);
});

test('every: a failure is reported, and the task is run again', async () => {
  const runs = repeat(() => {
    throw new Error('gone');
  });
  await after(900);
  await after(900);
  assert.equal(runs(), 2);
  assert.deepEqual(failures, ['it failed: Error: gone', 'it failed: Error: gone']);
});

test('stop: nothing runs any more, also where a run is under way', async () => {
  const runs = repeat(() => 1);
  await after(900);
  mock.timers.tick(900);
  assert.equal(runs(), 2);
  repeater.stop();
  await after(0);
  await after(60_000);
  assert.equal(runs(), 2);
});

test('passes: one after the other until there is no more to do, each after a pause in proportion', async () => {
  let left = 3;
  const pass = async (): Promise<boolean> => {
    left--;
    return left > 0;
  };
  await repeater.passes(pass);
  assert.equal(left, 0);
  left = 2;
  const paused = repeater.passes(pass, 1);
  await nextTurn();
  assert.equal(left, 1);
  await after(1000);
  await paused;
  assert.equal(left, 0);
});

test('passes: none follows after a stop', async () => {
  let passes = 0;
  await repeater.passes(async () => {
    passes++;
    repeater.stop();
    return true;
  });
  assert.equal(passes, 1);
});
