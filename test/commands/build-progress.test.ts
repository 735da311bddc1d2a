import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgress } from '../../src/commands/build-progress.js';

/** How far the build of an index is, for people and for programs. */

const BUILD = { index: 'aliases_owner', phase: 'building index: scanning table', done: 437, total: 1000 };

function watch(isTTY: boolean) {
  let text = '';
  const progress = buildProgress({ isTTY, write: (more: string) => (text += more) });
  return { progress, text: () => text };
}

test('on a terminal one line is written over, and removed at the end', () => {
  const { progress, text } = watch(true);
  progress.show(BUILD);
  assert.equal(text(), '\r\x1b[Kindex aliases_owner: building index: scanning table, 43 %');
  progress.show({ ...BUILD, phase: 'waiting for writers before build', done: 0, total: 0 });
  assert.ok(text().endsWith('\r\x1b[Kindex aliases_owner: waiting for writers before build'));
  progress.end();
  assert.ok(text().endsWith('\r\x1b[K'));
});

test('elsewhere it is lines of JSON', () => {
  const { progress, text } = watch(false);
  progress.show(BUILD);
  progress.end();
  const { time, ...rest } = JSON.parse(text());
  assert.deepEqual(rest, {
    index: 'aliases_owner',
    phase: 'building index: scanning table',
    percent: 43,
  });
  assert.ok(!Number.isNaN(Date.parse(time)));
});
