import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { createPictRs } from '../dist/test/support/pict-rs.js';
import { query, settle, startPostgres } from './support/postgres.js';
import { nodeOfAll } from './support/processes.js';
import { runBenchmark } from './support/program.js';
import { printMachine } from './support/report.js';

// An import of a pict-rs: how long it takes, and how much memory; what a second run and one that was killed cost.
const { values } = parseArgs({ options: { hashes: { type: 'string', default: '300000' } } });
const MAIN = resolve(import.meta.dirname, '../dist/src/main.js');

await runBenchmark(async ({ keep }) => {
  const server = await startPostgres(keep);
  const [{ version }] = await query(server.url, `select current_setting('server_version') as version`);
  printMachine(version);
  const source = await server.database('bench_pict_rs');
  const sql = postgres(source, { max: 1, onnotice: () => {} });
  await createPictRs(sql, { hashes: Number(values.hashes) });
  await sql.end();
  await settle(source);

  const whole = await server.database('bench_whole');
  console.log(await measure('first run', source, whole));
  console.log(await measure('second run', source, whole));
  const cut = await server.database('bench_cut');
  await settle(source);
  console.log(await measure('killed after 10 s', source, cut, 10_000));
  console.log(await measure('goes on', source, cut));
});

/** @param {string} what @param {string} source @param {string} target @param {number} [killMs] */
async function measure(what, source, target, killMs) {
  const beganAt = performance.now();
  const child = spawn(nodeOfAll(), [MAIN, 'import', source], {
    env: { ...process.env, DATABASE_URL: target, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, mostKib] = ['', 0];
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => process.stderr.write(chunk));
  const timer = setInterval(() => {
    try {
      const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      mostKib = Math.max(mostKib, Number(kib ?? 0));
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 200);
  const killer = killMs && setTimeout(() => child.kill('SIGKILL'), killMs);
  const [code, signal] = await once(child, 'close');
  clearInterval(timer);
  clearTimeout(killer);
  const seconds = ((performance.now() - beganAt) / 1000).toFixed(1);
  return `${what}: ${seconds} s, ${Math.round(mostKib / 1024)} MiB, exit ${code ?? signal}\n${output}`;
}
