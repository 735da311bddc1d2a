import assert from 'node:assert/strict';
import { test } from 'node:test';

test('a timer that was set before setTimeout was mocked is cleared, and the real clearTimeout is back after', (t) => {
  const { clearTimeout: clear } = globalThis;
  const timer = setTimeout(() => assert.fail('it was cleared'), 0);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let fired = 0;
  const mocked = setTimeout(() => fired++, 10);
  setTimeout(() => fired++, 10);
  clearTimeout(mocked);
  clearTimeout(timer);
  t.mock.timers.tick(10);
  assert.equal(fired, 1);
  t.mock.timers.reset();
  assert.equal(globalThis.clearTimeout, clear);
  return new Promise((resolve) => setTimeout(resolve, 5));
});
