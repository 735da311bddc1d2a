import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { cancelJob } from '../../src/repos/queue/sql/cancel-job.js';
import { findStates, removeJobs, retryJobs, runJobsNow } from '../../src/repos/queue/sql/chosen-jobs.js';
import { claimJobs, type Slot } from '../../src/repos/queue/sql/claim.js';
import { completeLeases } from '../../src/repos/queue/sql/complete.js';
import { findCompleted, listCompleted } from '../../src/repos/queue/sql/completed-jobs.js';
import { countQueues } from '../../src/repos/queue/sql/count-queues.js';
import { listDeadErrors } from '../../src/repos/queue/sql/dead-errors.js';
import { deleteDeadJobs } from '../../src/repos/queue/sql/delete-dead-jobs.js';
import { deleteJobIds } from '../../src/repos/queue/sql/delete-job-ids.js';
import { endRuns } from '../../src/repos/queue/sql/end-runs.js';
import { extendLeases } from '../../src/repos/queue/sql/extend-leases.js';
import { findExistingJobs } from '../../src/repos/queue/sql/find-existing-jobs.js';
import { findJob } from '../../src/repos/queue/sql/find-job.js';
import { findReadyQueues } from '../../src/repos/queue/sql/find-ready-queues.js';
import { insertJobs } from '../../src/repos/queue/sql/insert-jobs.js';
import { emptyCompletedJobs } from '../../src/repos/queue/sql/keep-completed.js';
import { listJobs } from '../../src/repos/queue/sql/list-jobs.js';
import { listWorkers } from '../../src/repos/queue/sql/list-workers.js';
import { findLost } from '../../src/repos/queue/sql/lost-leases.js';
import { purgeQueue } from '../../src/repos/queue/sql/purge.js';
import { redriveQueue } from '../../src/repos/queue/sql/redrive.js';
import { requeueRunning } from '../../src/repos/queue/sql/requeue.js';
import { searchIds, searchJobs } from '../../src/repos/queue/sql/search-jobs.js';
import { NO_SLOTS } from '../../src/repos/queue/sql/slot-columns.js';
import { sweepDueJobs } from '../../src/repos/queue/sql/sweep-due-jobs.js';
import { sweepExpiredLeases } from '../../src/repos/queue/sql/sweep-expired-leases.js';
import { watchLeases } from '../../src/repos/queue/sql/watch-leases.js';
import { renderSql } from '../support/render-sql.js';

// The statements of the queue as PostgreSQL gets them, so that a change of SQL is a diff of SQL.
// After a change that is meant: UPDATE_SQL=1 npm test -- queue/sql

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
const item = { queue: QUEUE, job: '1', id: lease.id, isOwnId: true };
const clientId = { ...item, isOwnId: false };
const unique = { ...item, unique_key: 'k' };
const some = { lockTimeout: 'long', isWhole: false } as const;
const deliver = (to: Slot, what: typeof item) => ({
  slots: new Map([[what, to]]),
  token: '1',
  delivery: '1',
});
const run = { ...lease, error: 'e', attempt_cost: 1, retry: true, delay: undefined } as const;

const statements: Record<string, (db: Database) => unknown> = {
  claim: (db) => claimJobs(db, QUEUE, [slot], [], undefined, settings),
  'claim-one-mark': (db) => claimJobs(db, QUEUE, [slot], [], marks.slice(0, 1), settings),
  'claim-several-marks': (db) => claimJobs(db, QUEUE, [slot], [], marks, settings),
  'claim-keys': (db) => claimJobs(db, QUEUE, [keyed], [], undefined, settings),
  'claim-completions': (db) => claimJobs(db, QUEUE, [slot], [lease], undefined, settings),
  'claim-keys-completions-several-marks': (db) => claimJobs(db, QUEUE, [keyed], [lease], marks, settings),
  'insert-new-ids': (db) => insertJobs(db, [item], defaults, NO_SLOTS, some),
  'insert-longest-run': (db) => insertJobs(db, [{ ...item, max_run_seconds: 9 }], defaults, NO_SLOTS, some),
  'insert-unique-key': (db) => insertJobs(db, [unique], defaults, NO_SLOTS, some),
  'insert-client-id': (db) => insertJobs(db, [clientId], defaults, NO_SLOTS, some),
  'insert-all-or-none': (db) =>
    insertJobs(db, [clientId, unique], defaults, NO_SLOTS, { ...some, isWhole: true }),
  'insert-direct-delivery': (db) => insertJobs(db, [item], defaults, deliver(slot, item), some),
  'insert-direct-delivery-key': (db) => insertJobs(db, [item], defaults, deliver(keyed, item), some),
  'insert-direct-delivery-client-id': (db) =>
    insertJobs(db, [clientId], defaults, deliver(slot, clientId), some),
  'claim-completions-kept': (db) =>
    claimJobs(db, QUEUE, [slot], [lease], undefined, { ...settings, completedRetentionMinutes: 60 }),
  complete: (db) => completeLeases(db, [lease]),
  'complete-kept': (db) => completeLeases(db, [lease], 60),
  'complete-kept-result': (db) => completeLeases(db, [{ ...lease, result: '1' }], 60),
  'find-completed': (db) => findCompleted(db, lease.id, 60),
  'list-completed': (db) =>
    listCompleted(db, { queue: QUEUE }, { after: '9', limit: 100, retentionMinutes: 60 }),
  'empty-completed': (db) => emptyCompletedJobs(db, 60),
  'end-runs': (db) => endRuns(db, [run], { backoffMaxSeconds: 60, lockTimeout: 'long' }),
  extend: (db) => extendLeases(db, [{ ...lease, lease_seconds: 60 }], 60),
  requeue: (db) => requeueRunning(db, 'w', 'server', 60),
  'sweep-due': (db) => sweepDueJobs(db).pass([]),
  'sweep-expired': (db) => sweepExpiredLeases(db, 60, () => undefined).pass([]),
  'watch-leases': (db) => watchLeases(db, undefined, 20),
  'retry-jobs': (db) => retryJobs(db, [lease.id], 'long'),
  'run-jobs-now': (db) => runJobsNow(db, [lease.id], 'long'),
  'remove-jobs': (db) => removeJobs(db, [lease.id], 'long'),
  'find-states': (db) => findStates(db, [lease.id]),
  'search-jobs-error': (db) => searchJobs(db, { queue: QUEUE, state: 'dead', error: 'e' }, undefined, 100),
  'search-jobs-newest': (db) =>
    searchJobs(db, { queue: QUEUE, state: 'dead', order: 'newest' }, undefined, 100),
  'search-jobs-payload': (db) =>
    searchJobs(db, { queue: QUEUE, state: 'dead', payload: 'p' }, undefined, 100),
  'search-jobs-unique-key': (db) => searchJobs(db, { unique_key: 'k' }, undefined, 100),
  'search-ids': (db) => searchIds(db, { state: 'ready' }, undefined, 100),
  'list-workers': (db) => listWorkers(db, {}, 100),
  purge: (db) => purgeQueue(db, QUEUE, 'dead'),
  redrive: (db) => redriveQueue(db, QUEUE),
  'list-dead-errors': (db) => listDeadErrors(db, QUEUE),
  'list-jobs': (db) => listJobs(db, QUEUE, undefined, '0', 100),
  'find-lost-leases': (db) => findLost(db, [lease], [{ matched: false }]),
  'find-existing-jobs': (db) => findExistingJobs(db, [item]),
  'find-job': (db) => findJob(db, lease.id),
  'cancel-job': (db) => cancelJob(db, lease.id),
  'delete-dead-jobs': (db) => deleteDeadJobs(db, 14),
  'delete-job-ids': (db) => deleteJobIds(db, 1440),
  'find-ready-queues': (db) => findReadyQueues(db, [QUEUE]),
  'count-queues': (db) => countQueues(db),
};

for (const [name, ask] of Object.entries(statements)) {
  test(`${name}: the statement is the committed one`, async () => {
    const file = new URL(`../../../test/fixtures/queue-sql/${name}.sql`, import.meta.url);
    const text = await renderSql(ask);
    if (process.env['UPDATE_SQL']) await writeFile(file, text);
    assert.equal(
      text,
      await readFile(file, 'utf8'),
      'if the change is meant: UPDATE_SQL=1 npm test -- queue/sql',
    );
  });
}
