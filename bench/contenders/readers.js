import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../support/child.js';
import { repeat } from '../support/pace.js';
import { open, push } from '../support/queue-client.js';

// Clients that read lists and figures, polls that wait, and single pushes beside them: each in a process of its own.
const port = Number(process.env.SERVICE_PORT);
/** @type {import('../support/http.js').Connection[]} */
let parked = [];

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

  /** A poll of 55 s at each of so many queues, which have no jobs; all of them wait at the end. */
  async park({ queues }) {
    parked = await open(port, queues);
    for (const [n, connection] of parked.entries()) {
      connection
        .post(`/v1/queues/waited-for-${n}/pop`, '{"worker_id":"w","wait_seconds":55}')
        .catch(() => {});
    }
  },

  async unpark() {
    for (const connection of parked) connection.close();
  },
});
