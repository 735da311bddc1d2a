import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Sql } from '../../src/database/database.js';
import { Housekeeping } from '../../src/repos/queue/housekeeping/housekeeping.js';
import { renderSql } from '../support/render-sql.js';

let now = 0;
mock.method(performance, 'now', () => now);
/** What the database answers next, and how long it takes; after the last one it finds nothing at once. */
let script: { rows: number; ms: number }[] = [];
let statements = 0;
const db: Database = {
  async run<Row>(statement: (sql: Sql) => Promise<Row[]>) {
    // The watch of leases is not what these tests are about.
    if ((await renderSql((rendered) => rendered.run(statement))).includes('lease_watch')) return [];
    statements++;
    const { rows, ms } = script.shift() ?? { rows: 0, ms: 1 };
    now += ms;
    return Array.from({ length: rows }, () => ({ queue: 'q', state: 'ready', priority: 0, seq: '1' }) as Row);
  },
  load: () => ({ running: 0, waiting: 0, size: 1 }),
  close: async () => {},
};
let house: Housekeeping;

beforeEach(() => {
  statements = 0;
  mock.timers.enable({ apis: ['setTimeout'] });
  house = new Housekeeping({
    db,
    options: {
      leaseSeconds: 60,
      backoffMaxSeconds: 1,
      idRetentionMinutes: 1440,
      completedRetentionMinutes: 0,
      deadRetentionDays: 14,
    },
    observer: { batch: () => {}, jobs: () => {}, waited: () => {}, ran: () => {} },
    queues: () => [],
    onFound: () => {},
    onReady: () => {},
    onError: (error) => {
      throw error;
    },
  });
  house.start();
});
afterEach(() => {
  house.stop();
  mock.timers.reset();
});

async function after(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await nextTurn();
}

test('sweeps that take long are followed by a long pause', async () => {
  script = [
    { rows: 0, ms: 1000 },
    { rows: 0, ms: 1000 },
  ];
  await after(900);
  assert.equal(statements, 2, 'of due jobs, and of leases');
  await after(3999);
  assert.equal(statements, 2);
  // The clock of one runs on while the other waits, so it may think that it took both their times.
  await after(8001);
  assert.equal(statements, 4);
});

test('a sweep goes on while its passes are full, and pauses by the duration of the last pass', async () => {
  script = [
    { rows: 1000, ms: 60_000 },
    { rows: 1000, ms: 60_000 },
  ];
  await after(900);
  assert.equal(statements, 4, 'a full pass and an empty one of each');
  await after(900);
  assert.equal(statements, 6);
});
