import pg from 'pg';
import { answerCalls } from '../support/child.js';
import { drained, pace, repeat } from '../support/pace.js';
import { fill, leaseOf, open, pop, push, pushBatch } from '../support/queue-client.js';

// This service over HTTP, one job for each request. The same program pushes to the empty route.
const port = Number(process.env.SERVICE_PORT);
/** JSON that is given with each completion. */
const result = process.env.JOB_RESULT;
const sql = process.env.DATABASE_URL
  ? new pg.Client({ connectionString: process.env.DATABASE_URL })
  : undefined;
await sql?.connect();

async function isEmpty() {
  const result = await sql?.query('select exists (select from jobs) as left');
  return result?.rows[0].left === false;
}

answerCalls({
  async fill({ jobs }) {
    const [connection] = await open(port, 1);
    await fill(connection, jobs);
    connection.close();
  },

  async drain({ jobs, clients, seconds }) {
    const connections = await open(port, clients);
    const leases = new Set();
    let stopped = false;
    let taken = 0;
    const began = performance.now();
    const loops = connections.map(async (connection, worker) => {
      for (let done; !stopped; ) {
        done = leaseOf(await pop(connection, `worker-${worker}`, done, result));
        if (done === undefined) continue;
        leases.add(done);
        taken++;
      }
    });
    const end = drained({ isTaken: () => taken >= jobs, isEmpty, deadline: began + seconds * 1000 });
    // Who finds no job any more is parked: the loops end only if they fail.
    await Promise.race([end, Promise.all(loops)]);
    const took = (performance.now() - began) / 1000;
    stopped = true;
    for (const connection of connections) connection.close();
    if (leases.size !== taken || taken > jobs) throw new Error(`${taken} deliveries of ${leases.size} jobs`);
    return { jobs: taken, seconds: took };
  },

  async push({ clients, seconds }) {
    const connections = await open(port, clients);
    const result = await repeat(clients, seconds, (n, caller) => push(connections[caller], n));
    for (const connection of connections) connection.close();
    return result;
  },

  /** The same with `size` jobs in each request. */
  async pushBatches({ clients, seconds, size }) {
    const connections = await open(port, clients);
    const result = await repeat(clients, seconds, (n, caller) =>
      pushBatch(connections[caller], n * size, size),
    );
    for (const connection of connections) connection.close();
    return { ...result, jobs: result.jobs * size };
  },

  async latency({ pushes, gapMs }) {
    const [pusher, worker] = await open(port, 2);
    const { delivered, times } = pace({ pushes, gapMs, push: (n) => push(pusher, n) });
    const popping = (async () => {
      for (let done; ; ) {
        const answer = await pop(worker, 'worker', done);
        const number = /"n":(\d+)/.exec(answer)?.[1];
        if (number !== undefined) delivered(Number(number));
        done = leaseOf(answer);
      }
    })();
    const result = await Promise.race([times, popping]);
    pusher.close();
    worker.close();
    return result;
  },

  async clear() {
    await sql?.query('truncate jobs, dead_jobs');
  },
});
