import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median, quantile, table } from './support/figures.js';
import { printMachine } from './support/machine.js';
import { startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';
import { open, push } from './support/queue-client.js';
import { barCells, publish } from './support/results.js';

// Start, memory, and what waiting polls cost: README.md says what is measured and how. Needs /proc.
const { values } = parseArgs({
  options: { polls: { type: 'string', default: '10000' }, starts: { type: 'string', default: '7' } },
});
const POLLS = Number(values.polls);
const PUSHES = 500;
const IDLE_SECONDS = 10;
const POP = '{"worker_id":"w","wait_seconds":55}';
const MB = 1e6;

/** Resident memory in MB. @param {number | undefined} pid */
function residentOf(pid) {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return (Number(kib) * 1024) / MB;
}

/** Seconds of processor time. @param {number | undefined} pid */
function processorTimeOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);
  const url = await postgres.database('bench_size');
  const start = () =>
    processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, ['serve']);

  // The first start migrates.
  let port = await start();
  /** @type {number[]} */
  const starts = [];
  /** @type {number[]} */
  const idles = [];
  for (let round = 0; round < Number(values.starts); round++) {
    processes.signal(port, 'SIGTERM');
    await sleep(1000);
    const from = performance.now();
    port = await start();
    starts.push(performance.now() - from);
    await sleep(3000);
    idles.push(residentOf(processes.pid(port)));
  }

  const pid = processes.pid(port);
  const before = residentOf(pid);
  /** @type {(at: number) => void} */
  let delivered = () => {};
  const workers = await open(port, POLLS);
  const errors = new Set();
  const poll = async (/** @type {import('./support/http.js').Connection} */ worker) => {
    for (;;) {
      const answer = await worker.post('/v1/queues/bench/pop', POP);
      if (answer.startsWith('{"jobs":[{')) delivered(performance.now());
    }
  };
  for (const worker of workers) poll(worker).catch((error) => errors.add(String(error)));
  await sleep(3000);
  const growth = residentOf(pid) - before;
  const used = processorTimeOf(pid);
  await sleep(IDLE_SECONDS * 1000);
  const share = ((processorTimeOf(pid) - used) / IDLE_SECONDS) * 100;

  const [pusher] = await open(port, 1);
  /** @type {number[]} */
  const latencies = [];
  for (let n = 0; n < PUSHES; n++) {
    const arrival = new Promise((resolve) => {
      delivered = resolve;
    });
    const from = performance.now();
    await push(pusher, n);
    latencies.push(Number(await arrival) - from);
  }
  if (errors.size > 0) throw new Error([...errors].join());

  const figures = [
    { what: 'start until it listens, ms', is: median(starts), bar: 1000 },
    { what: 'idle process, MB', is: median(idles), bar: 100 },
    { what: `growth with ${POLLS} waiting polls, MB`, is: growth, bar: 200 },
    { what: 'processor time meanwhile, % of a core', is: share, bar: 1 },
    { what: 'push to delivery among them, p99, ms', is: quantile(latencies, 0.99), bar: 10 },
  ].map((figure) => ({ ...figure, isMost: true }));
  const cells = figures.map((figure) => [figure.what, figure.is.toPrecision(3), ...barCells(figure)]);
  console.log(table(['', 'is', 'bar', ''], cells));
  publish({ benchmark: 'size', figures });
  console.log(`\nPush to delivery, p50: ${quantile(latencies, 0.5).toFixed(1)} ms.`);
  for (const worker of workers) worker.close();
});
