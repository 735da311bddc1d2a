import { Connection } from './http.js';
import { jobOf } from './pace.js';

// What workers and pushers say to this service, one job for each request.
const QUEUE = '/v1/queues/bench';
const BATCH = 1000;

/** @param {number} port @param {number} count */
export const open = (port, count) => Promise.all(Array.from({ length: count }, () => Connection.open(port)));

/** @param {Connection} connection @param {number} n */
export const push = (connection, n) =>
  connection.post(`${QUEUE}/jobs`, `{"job":${JSON.stringify(jobOf(n))}}`);

/** @param {Connection} connection @param {number} from the number of the first @param {number} count */
export const pushBatch = (connection, from, count) =>
  connection.post(
    `${QUEUE}/jobs/batch`,
    JSON.stringify({ jobs: Array.from({ length: count }, (_, n) => ({ job: jobOf(from + n) })) }),
  );

/** @param {Connection} connection @param {number} jobs */
export async function fill(connection, jobs) {
  for (let from = 0; from < jobs; from += BATCH)
    await pushBatch(connection, from, Math.min(BATCH, jobs - from));
}

/**
 * Pops one job, and completes the one before it on the way.
 *
 * @param {Connection} connection @param {string} worker @param {string | undefined} done a lease
 * @param {string} [result] JSON to complete it with
 */
export async function pop(connection, worker, done, result) {
  const completion = result === undefined ? `"${done}"` : `{"lease":"${done}","result":${result}}`;
  const completed = done === undefined ? '' : `,"completed":[${completion}]`;
  const answer = await connection.post(`${QUEUE}/pop`, `{"worker_id":"${worker}"${completed}}`);
  if (done !== undefined && !answer.includes('"outcome":"completed"'))
    throw new Error(`not completed: ${answer}`);
  return answer;
}

/** The lease of the one job in a pop's answer; undefined where there is none. @param {string} answer */
export function leaseOf(answer) {
  if (!answer.startsWith('{"jobs":[{')) return undefined;
  const at = answer.indexOf('"lease":"') + 9;
  return answer.slice(at, answer.indexOf('"', at));
}
