import { EventEmitter, once } from 'node:events';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { answerCalls } from '../support/child.js';
import { drained, jobOf, pace, repeat } from '../support/pace.js';

// graphile-worker as its page on performance says (NO_LOG_SUCCESS, prepared statements, a pool of its own), but
// one job at a time: no localQueue, and no completeJobBatchDelay, which completes some time after the work.
const BATCH = 1000;
const PUSH_CONNECTIONS = 16;
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(`graphile-worker: ${message}`);
});

/** A pool whose connections stand. @param {number} size */
async function openPool(size) {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: size, idleTimeoutMillis: 0 });
  // graphile-worker asks for both handlers.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  await Promise.all(Array.from({ length: size }, () => pool.query('select pg_sleep(0.05)')));
  return pool;
}

const pushPool = await openPool(PUSH_CONNECTIONS);
const utils = await makeWorkerUtils({ pgPool: pushPool, logger });
await utils.migrate();
const options = { logger, noHandleSignals: true, crontab: '' };

async function isEmpty() {
  const { rows } = await pushPool.query('select exists (select from graphile_worker._private_jobs) as left');
  return !rows[0].left;
}

answerCalls({
  async fill({ jobs }) {
    for (let from = 0; from < jobs; from += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, jobs - from) }, (_, n) => from + n);
      await utils.addJobs(numbers.map((n) => ({ identifier: 'work', payload: jobOf(n) })));
    }
  },

  async drain({ jobs, clients, seconds, pool: size }) {
    const pgPool = await openPool(size);
    const events = new EventEmitter();
    let taken = 0;
    const first = once(events, 'worker:getJob:start').then(() => performance.now());
    const work = async () => {
      taken++;
    };
    const runner = await run({ ...options, events, pgPool, concurrency: clients, taskList: { work } });
    const began = await first;
    await drained({ isTaken: () => taken >= jobs, isEmpty, deadline: began + seconds * 1000 });
    const took = (performance.now() - began) / 1000;
    const done = taken;
    await runner.stop();
    await pgPool.end();
    return { jobs: done, seconds: took };
  },

  push: ({ clients, seconds }) => repeat(clients, seconds, (n) => utils.addJob('work', jobOf(n))),

  async latency({ pushes, gapMs }) {
    const pgPool = await openPool(PUSH_CONNECTIONS);
    const events = new EventEmitter();
    const listening = once(events, 'pool:listen:success');
    /** @type {(n: number) => void} */
    let delivered = () => {};
    const work = async (/** @type {any} */ payload) => delivered(payload.n);
    const runner = await run({ ...options, events, pgPool, concurrency: 1, taskList: { work } });
    await listening;
    const paced = pace({ pushes, gapMs, push: (n) => utils.addJob('work', jobOf(n)) });
    delivered = paced.delivered;
    const times = await paced.times;
    await runner.stop();
    await pgPool.end();
    return times;
  },

  async clear() {
    await pushPool.query('truncate graphile_worker._private_jobs');
  },
});
