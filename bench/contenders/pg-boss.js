import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { answerCalls } from '../support/child.js';
import { drained, jobOf, pace, repeat } from '../support/pace.js';

// pg-boss, one job at a time, in two ways: its work(), and loops of fetch() and complete().
const BATCH = 1000;
const PUSH_CONNECTIONS = 16;
const QUEUE = 'bench';
const NOTIFIED = 'bench_notified';

/** @param {number} max connections @param {object} more options */
async function start(max, more = {}) {
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max, schedule: false, ...more });
  boss.on('error', (error) => console.error('pg-boss:', error.message));
  await boss.start();
  const db = boss.getDb();
  await Promise.all(Array.from({ length: max }, () => db.executeSql('select pg_sleep(0.05)')));
  return boss;
}

const boss = await start(PUSH_CONNECTIONS);
await boss.createQueue(QUEUE);
await boss.createQueue(NOTIFIED, { notify: true });

async function isEmpty() {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select exists (select from pgboss.job where name = '${QUEUE}' and state < 'completed') as left`,
    );
  return !rows[0].left;
}

/** A worker goes on at once only while the cached number of ready jobs is high; so that is kept young. */
const YOUNG = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, queueCacheIntervalSeconds: 1 };
const FASTEST = { batchSize: 1, pollingIntervalSeconds: 0.5, burstWhenReadyExceeds: 1 };

/** Each returns how to stop. @type {Record<string, (of: { worker: PgBoss, clients: number, took: () => void }) => Promise<() => Promise<void>>>} */
const ways = {
  async work({ worker, clients, took }) {
    await worker.work(QUEUE, { ...FASTEST, localConcurrency: clients }, async () => took());
    return () => worker.offWork(QUEUE, { wait: true });
  },

  async fetch({ worker, clients, took }) {
    let stopped = false;
    const loops = Array.from({ length: clients }, async () => {
      while (!stopped) {
        const [job] = await worker.fetch(QUEUE);
        if (job === undefined) break;
        took();
        await worker.complete(QUEUE, job.id);
      }
    });
    return async () => {
      stopped = true;
      await Promise.all(loops);
    };
  },
};

answerCalls({
  async fill({ jobs }) {
    for (let from = 0; from < jobs; from += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, jobs - from) }, (_, n) => from + n);
      await boss.insert(
        QUEUE,
        numbers.map((n) => ({ data: jobOf(n) })),
      );
    }
  },

  async drain({ jobs, clients, seconds, pool, way }) {
    const worker = await start(pool, way === 'work' ? YOUNG : {});
    if (way === 'work') await readyCountIsKnown(worker);
    let taken = 0;
    const took = () => {
      taken++;
    };
    const began = performance.now();
    const stop = await ways[way]({ worker, clients, took });
    await drained({ isTaken: () => taken >= jobs, isEmpty, deadline: began + seconds * 1000 });
    const result = { jobs: taken, seconds: (performance.now() - began) / 1000 };
    await stop();
    await worker.stop({ graceful: false });
    return result;
  },

  push: ({ clients, seconds }) => repeat(clients, seconds, (n) => boss.send(QUEUE, jobOf(n))),

  async latency({ pushes, gapMs }) {
    const worker = await start(PUSH_CONNECTIONS, { useListenNotify: true });
    /** @type {(n: number) => void} */
    let delivered = () => {};
    // A notification wakes it for one fetch: with single jobs, what once piled up would stay piled up.
    const notified = { batchSize: 10, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };
    await worker.work(NOTIFIED, notified, async (jobs) => {
      for (const job of jobs) delivered(job.data.n);
    });
    await sleep(1000);
    const paced = pace({ pushes, gapMs, push: (n) => boss.send(NOTIFIED, jobOf(n)) });
    delivered = paced.delivered;
    const times = await paced.times;
    await worker.stop({ graceful: false });
    return times;
  },

  async clear() {
    await boss.deleteAllJobs(QUEUE);
    await boss.deleteAllJobs(NOTIFIED);
  },
});

/** The count is written once a second, and read once a second. @param {PgBoss} worker */
async function readyCountIsKnown(worker) {
  for (let tries = 0; tries < 50; tries++) {
    if (((await worker.getQueue(QUEUE))?.readyCount ?? 0) > 1) break;
    await sleep(100);
  }
  await sleep(1100);
}
