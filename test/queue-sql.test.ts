import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Database } from '../src/database/database.js';
import { claimJobs, type Slot } from '../src/repos/queue/claim.js';
import { completions } from '../src/repos/queue/complete.js';
import { ends } from '../src/repos/queue/fail.js';
import { heartbeats } from '../src/repos/queue/heartbeat.js';
import { insertAll, NO_SLOTS } from '../src/repos/queue/insert.js';
import { listJobs } from '../src/repos/queue/jobs.js';
import { purgeQueue, redriveQueue } from '../src/repos/queue/queues.js';
import { requeueRunning } from '../src/repos/queue/requeue.js';
import { dueSweep, expiredSweep } from '../src/repos/queue/sweep.js';
import { renderSql } from './support/render-sql.js';

// The statements of the queue as PostgreSQL gets them, so that a change of SQL is a diff of SQL.
// After a change that is meant: UPDATE_SQL=1 npm test -- queue-sql

const QUEUE = 'q';
const settings = { leaseSeconds: 60 };
const lease = { id: '00000000-0000-4000-8000-000000000000', claims: 1, token: null };
const slot: Slot = {
  poll: 0,
  slot: 1,
  worker_id: 'w',
  idempotency_key: undefined,
  lease_seconds: undefined,
};
const keyed: Slot = { ...slot, idempotency_key: 'k' };
const marks = [-1, 0, 7].map((priority) => ({ priority, seq: '0' }));

const defaults = { maxAttempts: 5, leaseSeconds: 60, idRetentionMinutes: 1440 };
const item = { queue: QUEUE, job: '1', id: lease.id, ownId: true };
const clientId = { ...item, ownId: false };
const unique = { ...item, unique_key: 'k' };
const deliver = (to: Slot, what: typeof item) => ({
  slots: new Map([[what, to]]),
  token: '1',
  delivery: '1',
});
const run = { ...lease, error: 'e', burnt: 1, retry: true, delay: undefined } as const;

const statements: Record<string, (db: Database) => unknown> = {
  claim: (db) => claimJobs(db, QUEUE, [slot], [], undefined, settings),
  'claim-one-mark': (db) => claimJobs(db, QUEUE, [slot], [], marks.slice(0, 1), settings),
  'claim-several-marks': (db) => claimJobs(db, QUEUE, [slot], [], marks, settings),
  'claim-keys': (db) => claimJobs(db, QUEUE, [keyed], [], undefined, settings),
  'claim-completions': (db) => claimJobs(db, QUEUE, [slot], [lease], undefined, settings),
  'claim-keys-completions-several-marks': (db) => claimJobs(db, QUEUE, [keyed], [lease], marks, settings),
  'insert-new-ids': (db) => insertAll(db, [item], defaults, NO_SLOTS),
  'insert-unique-key': (db) => insertAll(db, [unique], defaults, NO_SLOTS),
  'insert-client-id': (db) => insertAll(db, [clientId], defaults, NO_SLOTS),
  'insert-direct-delivery': (db) => insertAll(db, [item], defaults, deliver(slot, item)),
  'insert-direct-delivery-key': (db) => insertAll(db, [item], defaults, deliver(keyed, item)),
  'insert-direct-delivery-client-id': (db) => insertAll(db, [clientId], defaults, deliver(slot, clientId)),
  complete: (db) => completions(db).call(lease),
  'end-runs': (db) => ends(db, { backoffMaxSeconds: 60 }).call(run),
  extend: (db) => heartbeats(db, settings).call({ ...lease, lease_seconds: 60 }),
  requeue: (db) => requeueRunning(db, 'w', 'server', 60),
  'sweep-due': (db) => dueSweep(db).pass([]),
  'sweep-expired': (db) => expiredSweep(db, 60).pass([]),
  purge: (db) => purgeQueue(db, QUEUE, 'dead'),
  redrive: (db) => redriveQueue(db, QUEUE),
  'list-jobs': (db) => listJobs(db, QUEUE, undefined, '0', 100),
};

for (const [name, ask] of Object.entries(statements)) {
  test(`${name}: the statement is the committed one`, async () => {
    const file = new URL(`../../test/fixtures/queue-sql/${name}.sql`, import.meta.url);
    const text = await renderSql(ask);
    if (process.env['UPDATE_SQL']) await writeFile(file, text);
    assert.equal(
      text,
      await readFile(file, 'utf8'),
      'if the change is meant: UPDATE_SQL=1 npm test -- queue-sql',
    );
  });
}
