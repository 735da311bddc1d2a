import { answerCalls } from '../support/child.js';
import { fill, leaseOf, open, pop, push } from '../support/queue-client.js';

// Steady load: every client pushes a job, takes one and completes the one before, so that the backlog stays.
const port = Number(process.env.SERVICE_PORT);
let cycles = 0;
let stopped = false;
/** @type {Promise<void>[]} */
let loops = [];
/** @type {unknown} */
let failure;

answerCalls({
  async start({ clients, backlog }) {
    const connections = await open(port, clients);
    await fill(connections[0], backlog);
    loops = connections.map(async (connection, worker) => {
      try {
        for (let done; !stopped; cycles++) {
          await push(connection, cycles);
          done = leaseOf(await pop(connection, `worker-${worker}`, done));
        }
      } catch (error) {
        failure ??= error;
      }
      connection.close();
    });
  },

  async cycles() {
    if (failure) throw failure;
    return cycles;
  },

  async stop() {
    stopped = true;
    await Promise.all(loops);
    if (failure) throw failure;
  },
});
