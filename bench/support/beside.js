import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figures.js';
import { image } from './fill.js';
import { Connection } from './http.js';

const CONNECTIONS = 4;
/** Reads a second on each connection: about a fifth of what the service can do on two cores. */
const READS_PER_SECOND = 1000;
const QUIET_SECONDS = 5;
/** A count that is answered at once leaves too few reads for a median. */
const LEAST_READS = 1000;
/** How often a count that is not done in time is asked for again. */
const ASKS = 60;

/** The counts of everything: a request that is repeated until it is answered. */
const COUNTS = {
  'usage.usage, by format': '/v1/usage?by=format',
  'usage.usage, by owner': '/v1/usage?by=owner',
  'usage.usage, by kind': '/v1/usage?by=kind',
  'usage.usage, by age': '/v1/usage?by=age',
  'report.report': '/v1/report',
};

/**
 * How long the counts of everything take, and what a read of one row takes meanwhile, beside the same read before.
 *
 * @param {number} port @param {number} images
 * @returns {Promise<string[][]>} cells: name, seconds, requests, p50 before in ms, p50 meanwhile in ms, their ratio
 */
export async function besideCounts(port, images) {
  const rows = [];
  for (const [name, path] of Object.entries(COUNTS)) {
    const before = await readsDuring(port, images, () => sleep(QUIET_SECONDS * 1000));
    let asks = 0;
    const began = performance.now();
    const meanwhile = await readsDuring(port, images, async () => {
      while (asks++ < ASKS) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        await response.arrayBuffer();
        if (response.ok) return;
        if (response.status !== 503) throw new Error(`${name}: ${response.status}`);
        await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
      }
      throw new Error(`${name}: not done after ${ASKS} requests`);
    });
    const seconds = (performance.now() - began) / 1000;
    const [quiet, busy] = [before, meanwhile].map((times) => quantile(times, 0.5));
    const ofReads = meanwhile.length < LEAST_READS ? ['', ''] : [busy.toFixed(2), (busy / quiet).toFixed(2)];
    rows.push([name, seconds.toFixed(1), String(asks), quiet.toFixed(2), ...ofReads]);
  }
  return rows;
}

/** @param {number} port @param {number} images @param {() => Promise<unknown>} task @returns {Promise<number[]>} ms */
async function readsDuring(port, images, task) {
  /** @type {number[]} */
  const times = [];
  let isDone = false;
  const loop = async (/** @type {number} */ from) => {
    const connection = await Connection.open(port);
    const began = performance.now();
    for (let sent = 0; !isDone; sent++) {
      const due = began + (sent * 1000) / READS_PER_SECOND;
      if (due > performance.now()) await sleep(1);
      const { hash } = image(Math.floor(((from + sent) * 7919) % images));
      const asked = performance.now();
      await connection.get(`/v1/hashes/${hash}/identifier`);
      times.push(performance.now() - asked);
    }
    connection.close();
  };
  const loops = Array.from({ length: CONNECTIONS }, (_, at) => loop(at * 1_000_003));
  try {
    await task();
  } finally {
    isDone = true;
  }
  await Promise.all(loops);
  return times;
}
