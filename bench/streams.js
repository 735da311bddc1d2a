import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { parseArgs } from 'node:util';
import { copy } from './support/copy.js';
import { median, table } from './support/figures.js';
import { seed } from './support/hot-reads.js';
import { printMachine } from './support/machine.js';
import { query, settle, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';
import { barCells, publish } from './support/results.js';

// Streams of all hashes beside a COPY of the same lines: README.md says what is measured and how.
const { values } = parseArgs({
  options: { hashes: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '7' } },
});
const LINES = `copy (select '{"hash":"' || encode(hash, 'hex') || '"}' from hashes order by hash) to stdout`;
const MIB = 1024 * 1024;

/** Reads a stream to its end. @param {number} port @returns {Promise<number>} its bytes */
function read(port) {
  return new Promise((resolve, reject) => {
    const request = get({ port, path: '/v1/hashes', agent: false }, (response) => {
      let bytes = 0;
      let last = Buffer.alloc(0);
      response.on('data', (/** @type {Buffer} */ part) => {
        bytes += part.length;
        last = Buffer.concat([last, part]).subarray(-64);
      });
      response.on('error', reject);
      response.on('end', () =>
        last.includes('{"end":true') ? resolve(bytes) : reject(new Error('the stream has no end line')),
      );
    });
    request.on('error', reject);
  });
}

/** MiB per second. @param {() => Promise<number>} task returns its bytes */
async function paceOf(task) {
  const from = performance.now();
  const bytes = await task();
  return (bytes / MIB / (performance.now() - from)) * 1000;
}

/** Resident memory in MiB, where the system tells. @param {number | undefined} pid */
function residentOf(pid) {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) / 1024;
}

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);
  const url = await postgres.database('bench_streams');
  const port = await processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, [
    'serve',
  ]);
  for (const statement of seed(Number(values.hashes))) await query(url, statement);
  await settle(url);

  const pid = processes.pid(port);
  /** @type {Record<'copy' | 'one' | 'two', number[]>} */
  const paces = { copy: [], one: [], two: [] };
  const tasks = {
    copy: () => paceOf(() => copy(url, LINES)),
    one: () => paceOf(() => read(port)),
    // The pace of the slower of the two.
    two: async () => Math.min(...(await Promise.all([0, 1].map(() => paceOf(() => read(port)))))),
  };
  let idle = 0;
  let most = 0;
  for (let round = 0; round <= Number(values.rounds); round++) {
    const order = Object.entries(tasks);
    for (const [name, task] of round % 2 === 0 ? order : order.toReversed()) {
      if (name === 'one' && round === 0) idle = residentOf(pid);
      const timer = setInterval(() => {
        if (name === 'one') most = Math.max(most, residentOf(pid));
      }, 20);
      const pace = await task();
      clearInterval(timer);
      // The first round warms up.
      if (round > 0) paces[/** @type {keyof typeof paces} */ (name)].push(pace);
    }
  }
  const ratioOf = (/** @type {number[]} */ ours) =>
    median(ours.map((pace, round) => pace / paces.copy[round]));
  const rows = [
    { what: 'one reader ÷ COPY', is: ratioOf(paces.one), bar: 0.6, aim: 0.8 },
    { what: 'each of two readers ÷ COPY', is: ratioOf(paces.two), bar: 0.4 },
    { what: 'growth of the process, MiB', is: most - idle, bar: 50, isMost: true },
  ];
  const cells = rows.map((row) => [row.what, row.is.toFixed(2), ...barCells(row)]);
  console.log(table(['', 'is', 'bar', ''], cells));
  publish({ benchmark: 'streams', figures: rows });
  const [copied, one, two] = [paces.copy, paces.one, paces.two].map((pace) => median(pace).toFixed(0));
  console.log(`\nMiB/s: COPY ${copied}, one reader ${one}, each of two ${two}.`);
});
