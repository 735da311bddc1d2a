import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import {
  createCompletions,
  createExtensions,
  createRunEnds,
} from '../../src/repos/queue/dispatch/lease-calls.js';
import { createPushes } from '../../src/repos/queue/dispatch/pushes.js';
import { claimJobs } from '../../src/repos/queue/sql/claim.js';
import type { Lease } from '../../src/repos/queue/sql/lease.js';
import { createDatabase } from '../support/database.js';
import { buffersOf, type PlanNode, planner } from '../support/queue-plans.js';

// A plan that was made while the table was empty serves it when it is full, until statistics are taken.
const { url, sql } = await createDatabase();
const { plan } = planner(url);
const COUNT = 20;
/** For each job: its row, its entries in the indexes, and the way to them. */
const MOST_BUFFERS = 60 * COUNT;

const leases: Lease[] = Array.from({ length: COUNT }, (_, at) => ({
  id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  claims: 1,
  token: null,
}));
const slots = leases.map((_, poll) => ({
  poll,
  slot: 1,
  worker_id: `w${poll}`,
  idempotency_key: undefined,
  lease_seconds: undefined,
}));
const withKeys = slots.map((slot) => ({ ...slot, idempotency_key: 'key' }));
const marks = [{ priority: 0, seq: '0' }];
const defaults = { maxAttempts: 5, leaseSeconds: 60, idRetentionMinutes: 1440 };
const jobs = leases.map((_, at) => ({ queue: 'q', job: '1', unique_key: `k${at}` }));

const statements: Record<string, (db: Database) => Promise<unknown>> = {
  push: (db) => createPushes({ db, defaults, reserve: () => undefined, onPlaced: () => {} }).push(jobs),
  'push to polls that wait': (db) =>
    createPushes({ db, defaults, reserve: () => ({ slots, settle: () => {} }), onPlaced: () => {} }).push(
      jobs,
    ),
  claim: (db) => claimJobs(db, 'q', slots, leases, marks, { leaseSeconds: 60 }),
  'claim for keys': (db) => claimJobs(db, 'q', withKeys, leases, marks, { leaseSeconds: 60 }),
  'claim from the start': (db) => claimJobs(db, 'q', slots, leases, undefined, { leaseSeconds: 60 }),
  complete: (db) => Promise.all(leases.map((lease) => completer(db).call(lease))),
  heartbeat: (db) => Promise.all(leases.map((lease) => beater(db).call({ ...lease, lease_seconds: 60 }))),
  fail: (db) =>
    Promise.all(
      leases.map((lease) =>
        ender(db).call({ ...lease, error: 'e', attempt_cost: 1, retry: true, delay: undefined }),
      ),
    ),
};

// One coalescer for each statement, so that its calls travel together.
const perDatabase = <Value>(make: (db: Database) => Value): ((db: Database) => Value) => {
  const made = new WeakMap<Database, Value>();
  return (db) => {
    const value = made.get(db) ?? make(db);
    made.set(db, value);
    return value;
  };
};
const completer = perDatabase((db) => createCompletions(db, { completedRetentionMinutes: 0 }));
const beater = perDatabase((db) => createExtensions(db, { leaseSeconds: 60 }));
const ender = perDatabase((db) => createRunEnds(db, { backoffMaxSeconds: 60 }));

test('statements that were planned for an empty table stay cheap when it is full', async (t) => {
  await sql`alter table jobs set (autovacuum_enabled = off)`;
  await sql`vacuum (analyze)`;
  const plans = new Map<string, (later: (db: Database) => Promise<unknown>) => Promise<PlanNode>>();
  for (const [name, ask] of Object.entries(statements)) plans.set(name, await plan(ask));

  await sql`insert into jobs (queue, job) select 'q', '1' from generate_series(1, 60000)`;
  await sql`
    insert into jobs (id, queue, job, state, claims, worker_id, lease_expires_at)
    select
      ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
      'q', '1', 'running', 1, 'w' || n, clock_timestamp() + interval '1 h'
    from generate_series(0, 60000) as n`;

  for (const [name, ask] of Object.entries(statements)) {
    await t.test(name, async () => {
      const shown = await plans.get(name)?.(ask);
      assert.ok(shown);
      assert.ok(buffersOf(shown) <= MOST_BUFFERS, `${buffersOf(shown)} buffers`);
    });
  }
});
