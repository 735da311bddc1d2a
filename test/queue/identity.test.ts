import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { atEnd } from '../support/cleanup.js';
import { clock, createDatabase } from '../support/database.js';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.js';
import { only, type PoppedJob, queueClient, type Verb } from '../support/queue-client.js';
import { untilWaiting } from '../support/races.js';
import { type Answer, startTestService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** A lease belongs to one claim, and who holds it keeps it, whatever becomes of other deliveries and other claims. */
const database = await createDatabase();
const { sql } = database;
const here = await startTestService({}, database);
/** Another replica. */
const there = await startTestService({}, database);
const { push, pop, onLease, job } = queueClient(here);

/** Another replica, which reaches the database through a proxy. It already has a session. */
async function startFarReplica(): Promise<{ far: TestService; proxy: DatabaseProxy }> {
  const proxy = await startDatabaseProxy(database.url);
  const far = await startTestService({}, { url: proxy.url, sql });
  // A test that fails must not keep it from closing.
  atEnd(async () => proxy.open());
  await far.ask('GET', '/queues/warm');
  return { far, proxy };
}

/** A keyed pop in flight, and what makes its client go away. */
function popKeyed(queue: string, on: TestService) {
  const hangup = new AbortController();
  const body = { worker_id: 'w', idempotency_key: 'k', wait_seconds: 20, max: 2 };
  const asked = queueClient(on).popAnswer(queue, body, { signal: hangup.signal });
  const leave = async (): Promise<void> => {
    hangup.abort();
    await assert.rejects(asked);
    // By the time that a connection made later is answered, the service has seen this one end.
    await fetch(`${on.base}/v1/none`);
  };
  return { asked, leave };
}

/** Nobody has taken the lease away: it is extended, and its completion is the first. */
async function assertHolds({ id, lease }: PoppedJob): Promise<void> {
  assert.equal((await onLease(lease, 'heartbeat')).status, 200);
  assert.equal((await job(id)).json.state, 'running');
  assert.equal((await onLease(lease, 'complete')).status, 204);
}

const byClient = () => ({ id: newId(), job: 1 });
let ids = 0;
function newId(): string {
  ids++;
  return `01900000-0000-7000-8000-${String(ids).padStart(12, '0')}`;
}

/** From now on a job of this queue that gets into this state waits at the end of that statement for a lock. */
async function holdBefore(state: 'running' | 'ready', queue: string): Promise<void> {
  await sql`
    create or replace function wait_for_rival() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(hashtext(new.state));
      return new;
    end $$`;
  await sql.unsafe(`
    create trigger "${state} ${queue}" before update on jobs for each row
    when (new.queue = '${queue}' and new.state = '${state}' and old.state <> new.state)
    execute function wait_for_rival()`);
}

/** Takes that lock until the transaction ends. */
const hold = (tx: TransactionSql, state: 'running' | 'ready') =>
  tx`select pg_advisory_xact_lock(hashtext(${state}))`;

const untilRunning = (queue: string) =>
  until(async () => (await sql`select from jobs where queue = ${queue} and state = 'running'`).length > 0);

/** The job of the queue was claimed for a client that is gone, and the replica does not know yet. */
async function claimForNobody(queue: string): Promise<{ far: TestService; proxy: DatabaseProxy }> {
  const { far, proxy } = await startFarReplica();
  await sql.begin(async (tx) => {
    await hold(tx, 'running');
    const first = popKeyed(queue, far);
    await untilWaiting(sql);
    await first.leave();
    proxy.silence();
  });
  await untilRunning(queue);
  return { far, proxy };
}

/** A client is gone whose replica has not claimed for it yet. */
async function leaveBeforeClaim(queue: string): Promise<{ far: TestService; proxy: DatabaseProxy }> {
  const { far, proxy } = await startFarReplica();
  proxy.silence();
  const first = popKeyed(queue, far);
  await until(() => far.parked() === 1);
  await first.leave();
  return { far, proxy };
}

/** The replica goes on, and ends when it has given back what it has for nobody. */
async function goOn({ far, proxy }: { far: TestService; proxy: DatabaseProxy }): Promise<void> {
  proxy.open();
  await far.close();
}

const again = { worker_id: 'w', idempotency_key: 'k' };

test('pop: a replica that hears late of its claim takes no lease back that another has delivered again', async () => {
  const queue = 'late-answer';
  await holdBefore('running', queue);
  await push(queue);
  const late = await claimForNobody(queue);
  const delivered = only(await pop(queue, again));
  await goOn(late);
  await assertHolds(delivered);
});

test('pop: a claim that comes late, after its client has its jobs from another replica, takes none back', async () => {
  const queue = 'late-claim';
  await push(queue);
  const late = await leaveBeforeClaim(queue);
  const delivered = only(await pop(queue, again));
  await goOn(late);
  await assertHolds(delivered);
});

test('pop: a job that was delivered to nobody by two replicas is ready again when both know', async () => {
  const queue = 'twice-nobody';
  await holdBefore('running', queue);
  const { id } = await push(queue);
  const late = await leaveBeforeClaim(queue);
  const first = await claimForNobody(queue);
  await goOn(late);
  assert.equal((await job(id)).json.state, 'running');
  await goOn(first);
  const { state, attempts } = (await job(id)).json;
  assert.deepEqual([state, attempts], ['ready', 0]);
});

test('pop: of jobs that a poll did not get, as one of them was locked, none counts as delivered', async () => {
  const queue = 'partly-locked';
  await holdBefore('running', queue);
  const { id } = await push(queue);
  await push(queue);
  const first = await claimForNobody(queue);
  await sql.begin(async (rival) => {
    await rival`select from jobs where id = ${id} for update`;
    const since = await clock(sql);
    const repeated = popKeyed(queue, here);
    await untilClaimed(since);
    await repeated.leave();
  });
  await goOn(first);
  const rows = await sql`select state from jobs where queue = ${queue}`;
  assert.deepEqual([...rows], [{ state: 'ready' }, { state: 'ready' }]);
});

test('pop: a worker that repeats its pop while the same replica gives the job back keeps what it gets', async () => {
  const queue = 'late-give-back';
  await holdBefore('running', queue);
  await holdBefore('ready', queue);
  await push(queue);
  let repeated: Promise<Answer> | undefined;
  await sql.begin(async (givingBack) => {
    await hold(givingBack, 'ready');
    await sql.begin(async (claiming) => {
      await hold(claiming, 'running');
      const first = popKeyed(queue, here);
      await untilWaiting(sql);
      await first.leave();
    });
    await untilRunning(queue);
    await untilWaiting(sql);
    const since = await clock(sql);
    repeated = popKeyed(queue, here).asked;
    await untilClaimed(since);
  });
  await assertHolds(only((await repeated)?.json.jobs ?? []));
});

/** A keyed claim has ended that began after `since`. */
async function untilClaimed(since: string): Promise<void> {
  await until(async () => {
    const rows = await sql`
      select
      from pg_stat_activity
      where datname = current_database()
        and query like '%keyed as materialized%'
        and pid <> pg_backend_pid()
        and state = 'idle'
        and query_start > ${since}::text::timestamptz`;
    return rows.length > 0;
  });
}

/** It forgets the ids of jobs that have ended. */
const forgetful = await startTestService({ QUEUE_ID_RETENTION_MINUTES: '0' }, database);
const forgetting = queueClient(forgetful);

/** How a job ends, so that its id can be pushed again, or comes back. */
const ends: Record<string, (queue: string, job: PoppedJob, body: object) => Promise<unknown>> = {
  complete: async (queue, { lease }, body) => {
    await onLease(lease, 'complete');
    await forgetting.push(queue, body);
  },
  cancel: async (queue, { id, lease }, body) => {
    await onLease(lease, 'release');
    await here.ask('DELETE', `/jobs/${id}`);
    await forgetting.push(queue, body);
  },
  'cancel while it runs': async (queue, { id, lease }, body) => {
    await here.ask('DELETE', `/jobs/${id}`);
    await onLease(lease, 'fail');
    await forgetting.push(queue, body);
  },
  purge: async (queue, { lease }, body) => {
    await onLease(lease, 'release');
    await here.ask('POST', `/queues/${queue}/purge?which=waiting`);
    await forgetting.push(queue, body);
  },
  'purge of the dead': async (queue, { lease }, body) => {
    await onLease(lease, 'fail', { retry: false });
    await here.ask('POST', `/queues/${queue}/purge?which=dead`);
    await forgetting.push(queue, body);
  },
  redrive: async (queue, { lease }) => {
    await onLease(lease, 'fail', { retry: false });
    await here.ask('POST', `/queues/${queue}/redrive`);
  },
  'restore of a backup from before the claim': async (_queue, { id }) => {
    await sql`delete from jobs where id = ${id}`;
    await sql`select setval('jobs_seq_seq', (select min(seq) from backup))`;
    await sql`insert into jobs select * from backup`;
  },
};

const verbs: Verb[] = ['heartbeat', 'release', 'fail', 'complete'];

for (const [name, end] of Object.entries(ends)) {
  test(`${name}: a lease from before is lost, and the run of the same id goes on`, async () => {
    const queue = `again-${name.replaceAll(' ', '-')}`;
    const body = byClient();
    await forgetting.push(queue, body);
    await sql`drop table if exists backup`;
    await sql`create table backup as select * from jobs where id = ${body.id}`;
    const first = only(await pop(queue, { worker_id: 'first' }));
    await end(queue, first, body);
    const second = only(await pop(queue, { worker_id: 'second', wait_seconds: 20 }));
    assert.equal(second.id, first.id);
    assert.notEqual(second.lease, first.lease);
    const row = () => sql`select * from jobs where id = ${body.id}`;
    const before = await row();
    for (const verb of verbs) {
      const { status, json } = await onLease(first.lease, verb);
      assert.deepEqual([status, json.code, json.state], [409, 'lease_lost', 'running']);
    }
    const repeated = await forgetting.popAnswer('none', { completed: [first.lease] });
    assert.deepEqual(repeated.json.completed, [{ lease: first.lease, outcome: 'lost' }]);
    assert.deepEqual(await row(), before);
    await assertHolds(second);
  });
}

/** Where a job with an id of the client is, by what happened to it. */
const places: Record<string, (queue: string) => Promise<unknown>> = {
  'that waits': async () => {},
  'that runs': (queue) => pop(queue),
  'that is dead': async (queue) => onLease(only(await pop(queue)).lease, 'fail', { retry: false }),
  'that is completed': async (queue) => onLease(only(await pop(queue)).lease, 'complete'),
  'that was cancelled': async (queue) => {
    const [row] = await sql`select id from jobs where queue = ${queue}`;
    await here.ask('DELETE', `/jobs/${row?.['id']}`);
  },
};

const existing = (queue: string) => sql`
  select id, queue, state, job::text as job from jobs where starts_with(queue, ${queue}) order by seq`;

for (const [name, bring] of Object.entries(places)) {
  test(`push: an id of a job ${name}: the same is a duplicate, any other 409 job_id_used`, async () => {
    const queue = `id-${name.replaceAll(' ', '-')}`;
    const id = newId();
    const pushText = (to: string, job: string, many = false) => {
      const text = `{"id":"${id}","job":${job}}`;
      return many
        ? here.ask('POST', `/queues/${to}/jobs/batch`, `{"jobs":[{"job":"before"},${text},{"job":"after"}]}`)
        : here.ask('POST', `/queues/${to}/jobs`, text);
    };
    assert.equal((await pushText(queue, '{"a":1}')).status, 201);
    await bring(queue);
    const before = await existing(queue);
    const again = await pushText(queue, '{"a":1}');
    assert.deepEqual([again.status, again.json], [200, { id, duplicate: true }]);
    for (const many of [false, true]) {
      const others = [
        await pushText(queue, '{"a":2}', many),
        // Other bytes, although the same value.
        await pushText(queue, '{ "a": 1 }', many),
        await pushText(`${queue}-other`, '{"a":1}', many),
      ];
      for (const { status, json } of others) assert.deepEqual([status, json.code], [409, 'job_id_used']);
    }
    assert.deepEqual(await existing(queue), before);
  });
}

test('pushMany: one id twice with other bytes is 409 job_id_used, and nothing is pushed', async () => {
  const id = newId();
  const jobs = [{ job: 1, id }, { job: 2 }, { job: 3, id }];
  const { status, json } = await here.ask('POST', '/queues/torn/jobs/batch', { jobs });
  assert.deepEqual([status, json.code], [409, 'job_id_used']);
  assert.equal((await existing('torn')).length, 0);
});

test('pushMany: of two at once that give one id to different jobs, one pushes all and the other nothing', async () => {
  for (let round = 0; round < 10; round++) {
    const id = newId();
    const queue = `rivals-${round}`;
    const answers = await Promise.all(
      [1, 2].map((rival) =>
        (rival === 1 || round % 2 === 0 ? here : there).ask('POST', `/queues/${queue}/jobs/batch`, {
          jobs: [{ job: `before ${rival}` }, { job: rival, id }, { job: `after ${rival}` }],
        }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    assert.equal((await existing(queue)).length, 3);
  }
});

test('push: one id at two replicas at once, with a worker that is fast, runs once', async () => {
  const queue = 'fast';
  let isOver = false;
  const ran: string[] = [];
  const work = async (): Promise<void> => {
    while (!isOver) {
      for (const { id, lease } of await pop(queue, { wait_seconds: 0.2, max: 10 })) {
        ran.push(id);
        await onLease(lease, 'complete');
      }
    }
  };
  const working = work();
  const pushed: string[] = [];
  for (let round = 0; round < 15; round++) {
    const body = byClient();
    pushed.push(body.id);
    const answers = await Promise.all(
      [here, there, here, there].map((one) => queueClient(one).push(queue, body)),
    );
    assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
    assert.equal((await push(queue, body)).duplicate, true);
  }
  await until(() => ran.length >= pushed.length);
  isOver = true;
  await working;
  assert.deepEqual(ran.sort(), pushed);
});
