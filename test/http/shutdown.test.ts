import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBalancer } from '../support/balancer.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { queueClient } from '../support/queue-client.js';
import { RollingLoad } from '../support/rolling-load.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

test('a rolling restart of two replicas under load: no failed request, no lost job', async (t) => {
  const database = await createDatabase();
  const balancer = await startBalancer();
  const start = async () => {
    const replica = await startTestService({ SHUTDOWN_DELAY_SECONDS: '1' }, database);
    balancer.add(replica.base);
    return replica;
  };
  let replicas = [await start(), await start()];
  await until(() => balancer.ready().length === 2);
  const load = new RollingLoad(balancer.base);
  t.after(() => load.stop());
  const run = load.run();
  const moreJobs = async (count: number): Promise<void> => {
    const from = load.completed.size;
    await Promise.race([run, until(() => load.completed.size >= from + count)]);
  };

  for (const old of replicas) {
    await moreJobs(15);
    await old.close();
    balancer.remove(old.base);
    await moreJobs(15);
    const fresh = await start();
    replicas = [...replicas, fresh];
    await until(() => balancer.ready().includes(fresh.base));
  }
  await moreJobs(15);
  load.stop();
  await run;
  assert.deepEqual(load.failures, []);
  assert.deepEqual([...load.completed].sort(), [...load.pushed].sort());
  assert.equal(load.deliveries, load.pushed.size, 'a job was handed out twice');
  assert.ok(load.streams > 0);
});

test('while a service drains, /readyz says so, requests are served, and connections are closed', async () => {
  const service = await startTestService({ SHUTDOWN_DELAY_SECONDS: '2' });
  const { base, ask, close } = service;
  const { pop, push } = queueClient(service);
  const parked = pop('a', { wait_seconds: 30 });
  await until(() => service.parked() === 1);
  assert.notEqual((await ask('GET', '/store-migration')).headers.get('connection'), 'close');

  const from = performance.now();
  const closed = close();
  const probe = await fetch(`${base}/readyz`);
  assert.equal(probe.status, 503);
  assert.match(await probe.text(), /"process":"draining"/);
  assert.equal((await fetch(`${base}/livez`)).status, 200);
  const served = await ask('GET', '/store-migration');
  assert.deepEqual([served.status, served.headers.get('connection')], [200, 'close']);
  await push('a');
  assert.equal((await parked).length, 1, 'a job is handed out while it drains');
  const waiting = pop('a', { wait_seconds: 30 });
  await closed;
  assert.deepEqual(await waiting, []);
  const ms = performance.now() - from;
  assert.ok(ms > 1900 && ms < 20_000, `${ms} ms`);
});

test('a database that hangs does not keep a service from closing', async () => {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  const { ask, close, parked } = await startTestService(
    { SHUTDOWN_TIMEOUT_SECONDS: '1' },
    { ...database, url: proxy.url },
  );
  proxy.silence();
  const asked = Promise.allSettled([
    ask('GET', '/store-migration'),
    ask('POST', '/queues/a/jobs', { job: 1 }),
    ask('POST', '/queues/a/pop', { worker_id: 'w', wait_seconds: 30 }),
  ]);
  await until(() => parked() === 1);
  const from = performance.now();
  await close();
  const ms = performance.now() - from;
  assert.ok(ms > 900 && ms < 10_000, `${ms} ms`);
  await asked;
});
