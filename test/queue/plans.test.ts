import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import postgres from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { Database } from '../../src/database/database.js';
import {
  createCompletions,
  createExtensions,
  createRunEnds,
} from '../../src/repos/queue/dispatch/lease-calls.js';
import { removeJobs, retryJobs, runJobsNow } from '../../src/repos/queue/sql/chosen-jobs.js';
import { claimJobs, type Slot } from '../../src/repos/queue/sql/claim.js';
import { listDeadErrors } from '../../src/repos/queue/sql/dead-errors.js';
import type { Lease } from '../../src/repos/queue/sql/lease.js';
import { listJobs } from '../../src/repos/queue/sql/list-jobs.js';
import { listWorkers } from '../../src/repos/queue/sql/list-workers.js';
import { purgeQueue } from '../../src/repos/queue/sql/purge.js';
import { requeueRunning } from '../../src/repos/queue/sql/requeue.js';
import { searchIds, searchJobs } from '../../src/repos/queue/sql/search-jobs.js';
import { sweepDueJobs } from '../../src/repos/queue/sql/sweep-due-jobs.js';
import { sweepExpiredLeases } from '../../src/repos/queue/sql/sweep-expired-leases.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { buffersOf, cteOf, nodesOf, type PlanMode, planner, scansOf } from '../support/queue-plans.js';

const { url, sql } = await createDatabase();
const { explain } = planner(url);
const HERE = 'here';
const leases: Lease[] = [];
const ids = ['00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000001'];
let mark = '0';

/** 10 polls of one job each. */
const slots: Slot[] = Array.from({ length: 10 }, (_, poll) => ({
  poll,
  slot: 1,
  worker_id: `w${poll}`,
  idempotency_key: undefined,
  lease_seconds: undefined,
}));

const withKey = slots.map((slot, at) => (at === 0 ? { ...slot, idempotency_key: 'key' } : slot));

before(async () => {
  // Statistics are what the test says they are, and nothing is cleaned up meanwhile.
  await sql`alter table jobs set (autovacuum_enabled = off)`;
  await sql`analyze jobs`;
  await sql`
    insert into jobs (queue, job, priority)
    select 'other ' || n % 100, '{"some":"job"}', n % 3
    from generate_series(1, 20000) as n`;
  await sql`
    insert into jobs (queue, job, state, run_at)
    select ${HERE}, '{"some":"job"}', 'scheduled', clock_timestamp() + n * interval '1 s' + interval '1 h'
    from generate_series(1, 20000) as n`;
  await sql`insert into jobs (queue, job) select ${HERE}, '1' from generate_series(1, 5000)`;
  const snapshot = postgres({ ...connectionOptions({ url, statementTimeoutSeconds: 0 }), max: 1 });
  atEnd(() => snapshot.end({ timeout: 1 }));
  await snapshot`begin isolation level repeatable read`;
  await snapshot`select count(*) from paused_queues`;
  await sql`
    update jobs
    set state = 'running', claims = 1, worker_id = 'gone', lease_expires_at = clock_timestamp()
    where queue = ${HERE} and state = 'ready'`;
  await sql`delete from jobs where worker_id = 'gone'`;
  const rows = await sql<{ seq: string }[]>`
    insert into jobs (queue, job) select ${HERE}, '1' from generate_series(1, 100) returning seq::text`;
  mark = rows[0]?.seq ?? '';
  const running = await sql<Lease[]>`
    insert into jobs (queue, job, state, claims, worker_id, lease_expires_at)
    select ${HERE}, '1', 'running', 1, 'w' || n % 20, clock_timestamp() + interval '1 h'
    from generate_series(1, 1000) as n
    returning id::text, claims, null as token`;
  leases.push(...running.slice(0, 20));
});

interface Planned {
  ask: (db: Database) => Promise<unknown>;
  /** Which index each of these CTEs, or the whole statement, reads the jobs by. */
  by?: Record<string, RegExp>;
  /** Most buffers that a CTE reads. */
  within?: Record<string, number>;
}

const call = <Item, Result>(coalescer: { call: (item: Item) => Promise<Result> }, items: Item[]) =>
  Promise.all(items.map((item) => coalescer.call(item)));
const failed = { error: 'e', attempt_cost: 1, retry: true, delay: undefined } as const;
const ready = /^Index Scan jobs_ready$/;
/** No bitmap scan: rows are locked in the order of the index. */
const byId = /^Index Scan jobs_pkey$/;
const running = /jobs_running$/;
/** A plan for these values alone may sort all scheduled jobs, because they are all of this queue. */
const ofScheduled = /jobs_scheduled(_queue)?$/;

const WHOLE = '';

const several = [-1, 0, 7].map((priority) => ({
  priority,
  get seq() {
    return priority === 0 ? mark : '0';
  },
}));

const statements: Record<string, Planned> = {
  'claim from the marks': {
    ask: (db) => claimJobs(db, HERE, slots, [], [{ priority: 0, seq: mark }], { leaseSeconds: 60 }),
    by: { assigned: ready },
    within: { assigned: 50 },
  },
  'claim from the marks of several priorities': {
    ask: (db) => claimJobs(db, HERE, slots, [], several, { leaseSeconds: 60 }),
    by: { assigned: ready },
    within: { assigned: 50 },
  },
  'claim for a key': {
    ask: (db) => claimJobs(db, HERE, withKey, [], [{ priority: 0, seq: mark }], { leaseSeconds: 60 }),
    by: { keyed: /jobs_idempotency_key$/, assigned: ready },
    within: { keyed: 50, assigned: 50 },
  },
  'claim from the start': {
    ask: (db) => claimJobs(db, HERE, slots, [], undefined, { leaseSeconds: 60 }),
    by: { assigned: ready },
  },
  'claim that completes': {
    ask: (db) => claimJobs(db, HERE, slots, leases, [{ priority: 0, seq: mark }], { leaseSeconds: 60 }),
    by: { completed: byId, assigned: ready, claimed: byId },
  },
  'claim for a key that completes': {
    ask: (db) => claimJobs(db, HERE, withKey, leases, [{ priority: 0, seq: mark }], { leaseSeconds: 60 }),
    by: { completed: byId, keyed: /jobs_idempotency_key$/, assigned: ready },
  },
  complete: {
    ask: (db) => call(createCompletions(db, { completedRetentionMinutes: 0 }), leases),
    by: { [WHOLE]: byId },
  },
  'complete where jobs are kept': {
    ask: (db) => call(createCompletions(db, { completedRetentionMinutes: 60 }), leases),
    by: { completed: byId },
  },
  'claim that completes where jobs are kept': {
    ask: (db) =>
      claimJobs(db, HERE, slots, leases, [{ priority: 0, seq: mark }], {
        leaseSeconds: 60,
        completedRetentionMinutes: 60,
      }),
    by: { completed: byId, assigned: ready, claimed: byId },
  },
  heartbeat: {
    ask: (db) => call(createExtensions(db, { leaseSeconds: 60 }), leases.map(withSeconds)),
    by: { matched: byId },
  },
  fail: {
    ask: (db) =>
      call(
        createRunEnds(db, { backoffMaxSeconds: 60 }),
        leases.map((lease) => ({ ...lease, ...failed })),
      ),
    by: { matched: byId },
  },
  requeueInProgress: { ask: (db) => requeueRunning(db, 'w1', 'exact', 60), by: { ended: running } },
  'requeueInProgress with match=server': {
    ask: (db) => requeueRunning(db, 'w', 'server', 60),
    by: { ended: running },
  },
  'the sweep of due jobs': {
    ask: (db) => sweepDueJobs(db).pass([]),
    by: { due: /jobs_scheduled$/ },
    within: { due: 50 },
  },
  'a page of scheduled jobs': {
    ask: (db) => listJobs(db, HERE, 'scheduled', '0', 100),
    by: { page: /jobs_scheduled_queue$/ },
    within: { page: 150 },
  },
  'a page of ready jobs': {
    ask: (db) => listJobs(db, 'other 7', 'ready', '0', 100),
    by: { page: /jobs_ready$/ },
    within: { page: 500 },
  },
  'a page of running jobs': { ask: (db) => listJobs(db, HERE, 'running', '0', 100), by: { page: running } },
  'a page of all jobs that live': {
    ask: (db) => listJobs(db, HERE, undefined, mark, 100),
    by: { page: /jobs_(ready|running|scheduled_queue)$/ },
  },
  'a page of dead jobs': { ask: (db) => listJobs(db, HERE, 'dead', '0', 100), by: {} },
  'a search of ready jobs in all queues': {
    ask: (db) => searchIds(db, { state: 'ready' }, undefined, 100),
    by: { page: ready, reached: /jobs_ready$/ },
    within: { page: 500 },
  },
  'a search of scheduled jobs in all queues': {
    ask: (db) => searchIds(db, { state: 'scheduled' }, undefined, 100),
    by: { page: /jobs_scheduled_queue$/, reached: /jobs_scheduled_queue$/ },
    within: { page: 150 },
  },
  'a search by error in a queue': {
    ask: (db) => searchJobs(db, { queue: HERE, state: 'scheduled', error: 'e' }, undefined, 100),
    by: { page: ofScheduled, reached: ofScheduled },
  },
  'a search by payload in a queue': {
    ask: (db) => searchJobs(db, { queue: HERE, state: 'scheduled', payload: 'e' }, undefined, 100),
    by: { looked: ofScheduled, page: /^Tid Scan$/ },
  },
  'the errors of dead jobs': { ask: (db) => listDeadErrors(db, HERE), by: {} },
  'a search by worker': {
    ask: (db) => searchJobs(db, { worker: 'w1' }, undefined, 100),
    by: { page: running },
    within: { page: 150 },
  },
  'a search by unique key': {
    ask: (db) => searchJobs(db, { unique_key: 'k' }, undefined, 100),
    by: { page: /^(Index Only Scan|Index Scan) jobs_unique_key$|^Tid Scan$/ },
    within: { page: 50 },
  },
  'retry of chosen jobs': { ask: (db) => retryJobs(db, ids, 'long'), by: {} },
  'run now of chosen jobs': { ask: (db) => runJobsNow(db, ids, 'long'), by: { waiting: byId } },
  'removal of chosen jobs': { ask: (db) => removeJobs(db, ids, 'long'), by: { target: byId } },
  'the first workers': { ask: (db) => listWorkers(db, {}, 5), by: { [WHOLE]: running }, within: {} },
  'the first jobs of a purge': {
    ask: (db) => purgeQueue(db, HERE, 'waiting'),
    by: { chosen: ofScheduled },
  },
  'a purge of an empty queue': {
    ask: (db) => purgeQueue(db, 'nobody', 'waiting'),
    by: { chosen: /^Index Scan jobs_scheduled_queue$/ },
    within: { chosen: 10 },
  },
  'the sweep of leases': {
    ask: (db) => sweepExpiredLeases(db, 60, () => 'infinity').pass([]),
    by: { ended: running },
  },
};

function withSeconds(lease: Lease): Lease & { lease_seconds: number } {
  return { ...lease, lease_seconds: 60 };
}

const statistics: Record<string, () => Promise<unknown>> = {
  'statistics of an empty table': async () => {},
  'fresh statistics': () => sql`analyze jobs`,
};
const modes: PlanMode[] = ['force_custom_plan', 'force_generic_plan'];

for (const [state, prepare] of Object.entries(statistics)) {
  describe(state, () => {
    before(prepare);
    for (const mode of modes) {
      for (const [name, { ask, by = {}, within = {} }] of Object.entries(statements)) {
        test(`${name}: reads by its index only (${mode})`, async (t) => {
          const plan = await explain(ask, mode);
          t.diagnostic(`${buffersOf(plan)} buffers in all`);
          for (const [cte, index] of Object.entries(by)) {
            const scans = scansOf(cte === WHOLE ? plan : cteOf(plan, cte), 'jobs');
            assert.ok(scans.length > 0 && scans.every((scan) => index.test(scan)), scans.join());
          }
          for (const [cte, most] of Object.entries(within)) {
            const buffers = buffersOf(cteOf(plan, cte));
            t.diagnostic(`${buffers} buffers in ${cte}`);
            assert.ok(buffers <= most, `${buffers} buffers`);
          }
          const sequential = nodesOf(plan).filter(
            (node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'jobs',
          );
          assert.equal(sequential.length, 0, JSON.stringify(scansOf(plan, 'jobs')));
        });
      }
    }
  });
}

describe('dead jobs, the newest first', () => {
  before(async () => {
    await sql`
      insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims)
      select gen_random_uuid(), case when n % 2 = 0 then ${HERE} else 'elsewhere' end, '1', 0, now(), 1, 1, 1
      from generate_series(1, 10000) as n`;
    await sql`analyze dead_jobs`;
  });

  for (const mode of modes) {
    test(`a page is read backwards from its index, without a sort (${mode})`, async () => {
      const after = { part: 'newest', queue: HERE, priority: 0, seq: '8000' } as const;
      for (const place of [undefined, after]) {
        const filter = { queue: HERE, state: 'dead', order: 'newest' } as const;
        const page = cteOf(await explain((db) => searchJobs(db, filter, place, 100), mode), 'page');
        assert.deepEqual(scansOf(page, 'dead_jobs'), ['Index Scan dead_jobs_queue']);
        assert.ok(buffersOf(page) <= 500, `${buffersOf(page)} buffers`);
      }
    });
  }
});
