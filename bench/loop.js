import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { median, table } from './support/figures.js';
import { answers, hostile, valid } from './support/loop-inputs.js';
import { query, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';

// How long the event loop of the service stands still for the largest and the worst requests: README.md says more.
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } },
});
const rounds = Number(values.rounds);
const BAR_MS = 100;

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep);
  const url = await postgres.database('bench_loop');
  const call = processes.contender('support/watched-service.js', {});
  const port = await call('start', { url });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  keep(async () => agent.destroy());

  const inputs = [...valid(), ...hostile(), ...answers()].filter(({ what }) => what.includes(values.only));
  /** @type {{ what: string, answer: string, blocks: number[], cpu: number[], whole: number[] }[]} */
  const results = [];
  for (const input of inputs) {
    /** @type {typeof results[0]} */
    const result = { what: input.what, answer: '', blocks: [], cpu: [], whole: [] };
    for (let round = 0; round < rounds; round++) {
      if (input.before) await query(url, input.before);
      await call('longestBlock');
      const from = performance.now();
      const asked = Array.from({ length: input.times ?? 1 }, () => ask(port, agent, input));
      const [{ status, bytes }] = await Promise.all(asked);
      result.whole.push(performance.now() - from);
      const { milliseconds, cpuMilliseconds } = await call('longestBlock');
      result.blocks.push(milliseconds);
      result.cpu.push(cpuMilliseconds);
      const size = bytes < 1024 ? '' : ` ${Math.round(bytes / 1024)} KiB`;
      const expected = status === input.status ? '' : ` instead of ${input.status}`;
      result.answer = `${status}${size}${expected}`;
    }
    results.push(result);
    await query(url, 'truncate jobs, dead_jobs');
  }
  const rows = results
    .toSorted((one, other) => median(other.cpu) - median(one.cpu))
    .map(({ what, answer, blocks, cpu, whole }) => [
      what,
      answer,
      ...[blocks, cpu, whole].map((some) => median(some).toFixed(0)),
      median(cpu) <= BAR_MS ? 'met' : 'not met',
    ]);
  const head = [
    'input',
    'answer',
    'longest block, ms',
    'without other processes',
    'whole request, ms',
    `${BAR_MS} ms`,
  ];
  console.log(table(head, rows));
});

/**
 * @param {number} port @param {Agent} agent @param {import('./support/loop-inputs.js').Input} input
 * @returns {Promise<{ status: number, bytes: number }>}
 */
function ask(port, agent, { method, path, body, headers }) {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const sent = {
      host: `127.0.0.1:${port}`,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...headers,
    };
    const options = { host: '127.0.0.1', port, agent, method, path: `/v1${path}`, headers: sent };
    request({ ...options, setHost: false }, (response) => {
      response.on('data', (chunk) => {
        bytes += chunk.length;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
      response.once('error', reject);
    })
      // An answer may come, and the connection be cut, before the body is sent.
      .once('error', () => resolve({ status: 0, bytes: 0 }))
      .end(body);
  });
}
