import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { createManyHashes } from '../support/many-hashes.js';
import { queueClient } from '../support/queue-client.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** 8 MB: twice of what the buffers on the way hold. */
const ROWS = 56_000;

const service = await startTestService({ MAX_STREAMS: '2', QUEUE_MAX_WAITING_POLLS: '2' });

test('503: one stream more than MAX_STREAMS; there is room again when a reader goes away', async () => {
  const { base, ask, sql } = service;
  await createManyHashes(sql, ROWS);
  const stalled = [1, 2].map(() => request(`${base}/v1/hashes`).end());
  // Whichever answers first: an answer that nobody listens for yet would be read to its end.
  const responses = await Promise.all(stalled.map((stream) => once(stream, 'response')));
  for (const [response] of responses) response.on('error', () => {});
  const refused = await ask('GET', '/hashes?limit=1');
  assertProblem(refused, 503, 'overloaded');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await ask('GET', '/hashes/size')).status, 200);
  stalled[0]?.destroy();
  await until(async () => (await ask('GET', '/hashes?limit=1')).status === 200);
  stalled[1]?.destroy();
});

test('503: one poll more than QUEUE_MAX_WAITING_POLLS, unless a job is ready', async () => {
  const { push, pop, popAnswer } = queueClient(service);
  const waiting = [pop('a', { wait_seconds: 20 }), pop('b', { wait_seconds: 20 })];
  await until(() => service.parked() === 2);

  const refused = await popAnswer('c', { wait_seconds: 20 });
  assertProblem(refused, 503, 'overloaded');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.deepEqual(await pop('c'), [], 'who does not want to wait is answered');
  await push('c');
  const [job] = await pop('c', { wait_seconds: 20 });
  assert.ok(job);
  const { status, json } = await popAnswer('c', { wait_seconds: 20, completed: [job.lease] });
  assert.equal(status, 200, 'the completion stands');
  assert.equal(json.completed[0].outcome, 'completed');
  assert.equal(json.retry_after_seconds, 1);

  await Promise.all([push('a'), push('b')]);
  assert.equal((await Promise.all(waiting)).flat().length, 2);
  const again = pop('c', { wait_seconds: 20 });
  await until(() => service.parked() === 1);
  await push('c');
  assert.equal((await again).length, 1);
});

test('503: no database connection becomes free in time', async () => {
  const { ask, sql } = await startTestService({ DATABASE_POOL_SIZE: '2', DATABASE_WAIT_SECONDS: '1' });
  let asked: ReturnType<typeof ask>[] = [];
  await sql.begin(async (rival) => {
    await rival`lock table hashes`;
    // Of different kinds: reads of one kind share a statement.
    asked = ['identifier', 'motion-identifier'].map((kind) => ask('GET', `/hashes/aa/${kind}`));
    await until(async () => {
      const waiting = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length === 2;
    });
    const from = performance.now();
    const refused = await ask('GET', '/store-migration');
    assertProblem(refused, 503, 'overloaded');
    const ms = performance.now() - from;
    assert.ok(ms > 900 && ms < 10_000, `${ms} ms`);
  });
  for (const { status } of await Promise.all(asked)) assert.equal(status, 404);
});
