import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../support/child.js';
import { repeat } from '../support/pace.js';
import { open, push } from '../support/queue-client.js';

// Clients that read lists and figures, polls that wait, and single pushes beside them: each in a process of its own.
const port = Number(process.env.SERVICE_PORT);
/** @type {import('../support/http.js').Connection[]} */
const parked = [];
/** Polls that begin together. */
const AT_ONCE = 100;

/** Until its connection is closed. @param {import('../support/http.js').Connection} connection @param {string} queue */
async function pollOn(connection, queue) {
  for (;;) {
    const poll = connection.post(`/v1/queues/${queue}/pop`, '{"worker_id":"w","wait_seconds":55}');
    await poll.catch(() => sleep(100));
  }
}

/** @param {number} polls */
async function untilParked(polls) {
  const [connection] = await open(port, 1);
  for (;;) {
    const [, waiting] = /^pict_repo_parked_polls (\d+)$/m.exec(await connection.get('/metrics')) ?? [];
    if (Number(waiting) >= polls) break;
    await sleep(20);
  }
  connection.close();
}

answerCalls({
  /** Clients that ask for the same path, again and again. @returns the milliseconds of each answer, and the bytes of all */
  async read({ path, clients, seconds }) {
    const connections = await open(port, clients);
    /** @type {number[]} */
    const times = [];
    let bytes = 0;
    await repeat(clients, seconds, async (_, caller) => {
      const from = performance.now();
      const answer = await connections[caller].get(path);
      bytes += answer.length;
      times.push(performance.now() - from);
    });
    for (const connection of connections) connection.close();
    return { times, bytes };
  },

  /** One push after the other. @returns {Promise<number[]>} the milliseconds of each */
  async push({ seconds, gapMs }) {
    const [connection] = await open(port, 1);
    const times = [];
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(gapMs)) {
      const from = performance.now();
      await push(connection, times.length);
      times.push(performance.now() - from);
    }
    connection.close();
    return times;
  },

  /** Polls at each of so many queues, which have no jobs; all of them wait at the end. */
  async park({ queues }) {
    for (let n = 0; n < queues; n += AT_ONCE) {
      const connections = await open(port, AT_ONCE);
      for (const [at, connection] of connections.entries()) void pollOn(connection, `waited-for-${n + at}`);
      parked.push(...connections);
      await untilParked(parked.length);
    }
  },

  async unpark() {
    for (const connection of parked.splice(0)) connection.close();
  },
});
