import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import { openDatabase } from '../../src/database/open-database.js';
import { watchLeases } from '../../src/repos/queue/sql/watch-leases.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { only, queueClient } from '../support/queue-client.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** A third of the default lease. */
const GRACE_MS = 20_000;

test('a database that was down for longer than a lease: running jobs get a grace, and later leases none', async () => {
  await Promise.all((['silence', 'cut'] as const).map(outlive));
});

async function outlive(outage: 'silence' | 'cut'): Promise<void> {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' }, { ...database, url: proxy.url });
  const { push, pop, job, onLease } = queueClient(service);
  const rarely = (condition: () => Promise<boolean>) => until(condition, 20, 400);
  await push('meanwhile');
  const held = only(await pop('meanwhile', { lease_seconds: 2 }));
  proxy[outage]();
  // Longer than the lease, and than the three seconds from which it counts as an outage.
  await rarely(async () => {
    const [row] = await database.sql`
      select from jobs where lease_expires_at < clock_timestamp() - interval '2 seconds'`;
    return row !== undefined;
  });
  proxy.open();
  await rarely(async () => (await job(held.id)).status === 200);
  await rarely(async () => {
    const { state, lease_expires_at } = (await job(held.id)).json;
    assert.equal(state, 'running', outage);
    const left = Date.parse(lease_expires_at) - Date.now();
    return left > GRACE_MS / 2 && left <= GRACE_MS + 1000;
  });
  assert.equal((await onLease(held.lease, 'heartbeat')).status, 200);
  await push('later');
  const later = only(await pop('later', { lease_seconds: 1 }));
  // After a statement that hung the next sweep comes later.
  await rarely(async () => (await job(later.id)).json.last_error === 'The lease ran out.');
}

test('a service that was down: only leases that expired meanwhile get the grace', async () => {
  const database = await createDatabase();
  const { sql } = database;
  const first = await startTestService({}, database);
  const leases = new Map<string, { id: string; lease: string }>();
  for (const queue of ['before', 'meanwhile', 'later', 'too-long']) {
    const { push, pop } = queueClient(first);
    await push(queue, { job: 1, ...(queue === 'too-long' && { max_run_seconds: 10 }) });
    leases.set(queue, only(await pop(queue)));
  }
  await first.close();
  await sql`update lease_watch set seen_at = clock_timestamp() - interval '1 hour'`;
  await sql`
    update jobs
    set lease_expires_at = clock_timestamp() - case queue
      when 'before' then interval '61 minutes'
      when 'meanwhile' then interval '59 minutes'
      when 'too-long' then interval '58 minutes'
      else interval '-50 minutes'
    end`;
  await sql`update jobs set run_ends_at = lease_expires_at where queue = 'too-long'`;
  const again = await startTestService({}, database);
  const { job, onLease } = queueClient(again);
  const of = async (queue: string) => (await job(leases.get(queue)?.id ?? '')).json;
  await until(async () => (await of('before')).last_error === 'The lease ran out.');
  await until(async () => (await of('too-long')).last_error?.startsWith('The job ran longer than 10 s'));
  const left = async (queue: string) => Date.parse((await of(queue)).lease_expires_at) - Date.now();
  const grace = await left('meanwhile');
  assert.ok(grace > GRACE_MS / 2 && grace <= GRACE_MS + 1000, `${grace} ms`);
  assert.ok(Math.abs((await left('later')) - 3_000_000) < 60_000);
  assert.equal((await onLease(leases.get('meanwhile')?.lease ?? '', 'complete')).status, 204);
});

test('a lease that some replica could extend gets no grace from one that was down', async () => {
  const { url, sql } = await createDatabase();
  const db = openDatabase(connectionOptions({ url, statementTimeoutSeconds: 30 }), {
    poolSize: 1,
    waitSeconds: 10,
  });
  atEnd(() => db.close());
  await sql`
    insert into jobs (queue, job, state, worker_id, lease_expires_at)
    values ('q', '1', 'running', 'w', clock_timestamp() - interval '1 second')`;
  const hasRunOut = async () => {
    const [row] = await sql`select from jobs where lease_expires_at < clock_timestamp()`;
    return row !== undefined;
  };
  const note = (age: string) =>
    sql`update lease_watch set seen_at = clock_timestamp() - ${age}::text::interval`;
  const [{ old, recent } = { old: '', recent: '' }] = await sql<{ old: string; recent: string }[]>`
    select
      (clock_timestamp() - interval '1 hour')::text as old,
      (clock_timestamp() + interval '1 minute')::text as recent`;
  await note('0.5 seconds');
  assert.ok(await watchLeases(db, old, 20));
  assert.ok(await hasRunOut(), 'another replica noted that it could');
  await note('1 hour');
  assert.ok(await watchLeases(db, recent, 20));
  assert.ok(await hasRunOut(), 'this one could, and no job ran before');
  await note('1 hour');
  assert.ok(await watchLeases(db, old, 20));
  assert.ok(!(await hasRunOut()), 'nobody could');
});
