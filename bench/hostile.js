import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quantile, table } from './support/figures.js';
import { query, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';

// Whether 500 hostile sockets leave the service its memory, and everybody else an answer: README.md says more.
const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '60' },
    rows: { type: 'string', default: '200000' },
    only: { type: 'string' },
  },
});
const sockets = Number(values.sockets);
const seconds = Number(values.seconds);
const rows = Number(values.rows);

const MIB = 1024 * 1024;
const BARS = { megabytes: 600, milliseconds: 1000 };
const PROBES_A_SECOND = 10;

/** @typedef {{ name: string, path: string, body?: string, agent: Agent }} Probe */

/** A connection of its own for each, opened before the attack, but for one. */
const kept = () => new Agent({ keepAlive: true, maxSockets: 1 });

/** @type {Probe[]} */
const PROBES = [
  { name: 'livez', path: '/livez', agent: kept() },
  { name: 'a read', path: `/v1/hashes/${hashOf(1)}/identifier`, agent: kept() },
  { name: 'a push', path: '/v1/queues/probe/jobs', agent: kept(), body: '{"job":1}' },
  { name: 'a record of 1 MiB', path: '/v1/details?identifier=large', agent: kept() },
  {
    name: 'a push of 100 KiB',
    path: '/v1/queues/probe/jobs',
    agent: kept(),
    body: `{"job":"${'x'.repeat(100_000)}"}`,
  },
  { name: 'livez, new connection', path: '/livez', agent: new Agent() },
];

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep);
  const url = await postgres.database('bench_hostile');
  const port = await processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'error' }, [
    'serve',
  ]);
  await query(
    url,
    `insert into hashes (hash, identifier)
     select sha256(int8send(n)), 'row/' || n from generate_series(1, ${rows}::bigint) as n`,
  );
  const base = `http://127.0.0.1:${port}`;
  const stored = await fetch(`${base}/v1/details?identifier=large`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: `{"a":"${'x'.repeat(MIB - 8)}"}`,
  });
  if (!stored.ok) throw new Error(`the large record was answered ${stored.status}`);

  // As those who use the service have them: warm, with connections that are open.
  for (let times = 0; times < 200; times++) await Promise.all(PROBES.map((probe) => answers(port, probe)));
  const pid = processes.pid(port);
  const before = await residentMegabytes(pid);
  const attack = processes.contender('contenders/hostile.js', { SERVICE_PORT: String(port) });
  await attack('start', { sockets, only: values.only?.split(',') });
  let peak = before;
  /** @type {Map<string, { times: number[], failures: number, isWaiting: boolean }>} */
  const probes = new Map(PROBES.map(({ name }) => [name, { times: [], failures: 0, isWaiting: false }]));
  /** @type {Promise<void>[]} */
  const asked = [];
  const from = performance.now();
  for (let at = 0; performance.now() - from < seconds * 1000; at++) {
    const probe = PROBES[at % PROBES.length];
    // One that waits for its answer asks no second time.
    if (!probes.get(probe.name)?.isWaiting) asked.push(ask(probe));
    if (at % PROBES_A_SECOND === 0) peak = Math.max(peak, await residentMegabytes(pid));
    await sleep(Math.max(0, from + ((at + 1) * 1000) / PROBES_A_SECOND - performance.now()));
  }
  await Promise.all(asked);
  peak = Math.max(peak, await peakMegabytes(pid));
  const figures = await (await fetch(`${base}/metrics`)).text();
  const cuts = [...figures.matchAll(/cut_total\{reason="(\w+)"\} (\d+)/g)];
  const [, lag] = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(figures) ?? [];
  const opened = await attack('stop');

  /** @param {Probe} probe */
  async function ask(probe) {
    const result = probes.get(probe.name);
    const began = performance.now();
    result.isWaiting = true;
    const isAnswered = await answers(port, probe);
    result.isWaiting = false;
    result.times.push(performance.now() - began);
    if (!isAnswered) result.failures++;
  }

  const worst = Math.max(...[...probes.values()].flatMap(({ times }) => times));
  const failures = [...probes.values()].reduce((sum, probe) => sum + probe.failures, 0);
  console.log(
    table(
      ['probe', 'asked', 'failed', 'p50 ms', 'p99 ms', 'worst ms'],
      [...probes].map(([name, probe]) => [
        name,
        String(probe.times.length),
        String(probe.failures),
        ...[0.5, 0.99].map((share) => quantile(probe.times, share).toFixed(1)),
        Math.max(...probe.times).toFixed(1),
      ]),
    ),
  );
  console.log(`${opened} sockets were opened, cut: ${cuts.map(([, why, n]) => `${n} ${why}`).join(', ')}`);
  console.log(
    table(
      ['figure', 'is', 'bar', ''],
      [
        [
          'peak resident memory, MB',
          String(Math.round(peak)),
          `< ${BARS.megabytes}`,
          met(peak < BARS.megabytes),
        ],
        ['worst probe, ms', worst.toFixed(0), `≤ ${BARS.milliseconds}`, met(worst <= BARS.milliseconds)],
        ['failed probes', String(failures), '0', met(failures === 0)],
      ],
    ),
  );
  console.log(
    `Before: ${Math.round(before)} MB. Longest lag of the event loop since the scrape before: ${lag} s.`,
  );
});

/** The hash of a row that is there. @param {number} n */
function hashOf(n) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(n));
  return createHash('sha256').update(bytes).digest('hex');
}

/** @param {boolean} isMet */
function met(isMet) {
  return isMet ? 'met' : 'missed';
}

/** @param {number} port @param {Probe} probe @returns {Promise<boolean>} */
function answers(port, { path, body, agent }) {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = {
      host: '127.0.0.1',
      port,
      path,
      agent,
      headers,
      method: body === undefined ? 'GET' : 'POST',
    };
    request(options, (response) => {
      response.once('close', () => {
        const isAnswered = response.complete && (response.statusCode ?? 500) < 300;
        if (!isAnswered)
          console.log(`${path}: ${response.statusCode}, ${response.complete ? '' : 'not '}complete`);
        resolve(isAnswered);
      });
      response.resume();
    })
      .once('error', (error) => {
        console.log(`${path}: ${error.message}`);
        resolve(false);
      })
      .end(body);
  });
}

/** @param {number} pid */
async function residentMegabytes(pid) {
  return kilobytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmRSS') / 1000;
}

/** Of the whole life of the process. @param {number} pid */
async function peakMegabytes(pid) {
  return kilobytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmHWM') / 1000;
}

/** @param {string} status @param {string} name */
function kilobytes(status, name) {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
}
