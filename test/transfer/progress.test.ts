import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../src/transfer/progress.js';

/** How far a transfer is, for people and for programs. */

function watch(isTTY: boolean, total: number) {
  let text = '';
  let now = 1000;
  const clock = () => now;
  const progress = new Progress(total, { isTTY, write: (more: string) => (text += more) }, clock);
  return { progress, wait: (ms: number) => (now += ms), text: () => text };
}

test('on a terminal one line is written over: rows, rate and remaining time', () => {
  const { progress, wait, text } = watch(true, 10_000);
  progress.begin('hashes');
  wait(1000);
  progress.advance(2000);
  assert.equal(text(), '\r\x1b[Khashes: 2,000 of 10,000 rows, 2,000/s, 4 s left');
  progress.advance(1);
  assert.ok(!text().includes('2,001'), 'not for each batch');
  progress.end();
  assert.ok(text().endsWith('\r\x1b[K'));
});

test('elsewhere it is a line of JSON every five seconds, and one at the end', () => {
  const { progress, wait, text } = watch(false, 0);
  progress.begin('hashes');
  wait(4000);
  progress.advance(1);
  assert.equal(text(), '');
  wait(2000);
  progress.advance(5999);
  wait(10);
  progress.end();
  const lines = text().trim().split('\n');
  const [first, last] = lines.map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  const { time, ...rest } = first;
  assert.deepEqual(rest, { stage: 'hashes', rows: 6000, rows_per_second: 1000 });
  assert.ok(!Number.isNaN(Date.parse(time)) && last.rows === 6000);
});
