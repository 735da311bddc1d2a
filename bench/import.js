import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { createPictRs } from '../dist/test/support/pict-rs.js';
import { printMachine } from './support/machine.js';
import { settle, startPostgres } from './support/postgres.js';
import { nodeOfAll } from './support/processes.js';
import { runBenchmark } from './support/program.js';

// An import of a pict-rs: how long it takes, and how much memory; what a second run and one that was killed cost; and an
// export of what was imported, and its import.
const { values } = parseArgs({ options: { hashes: { type: 'string', default: '300000' } } });
const MAIN = resolve(import.meta.dirname, '../dist/src/main.js');

await runBenchmark(async ({ keep }) => {
  const server = await startPostgres(keep);
  await printMachine(server.url);
  const source = await server.database('bench_pict_rs');
  const sql = postgres(source, { max: 1, onnotice: () => {} });
  await createPictRs(sql, { hashes: Number(values.hashes) });
  await sql.end();
  await settle(source);

  const whole = await server.database('bench_whole');
  console.log(await measure('first run', ['import', source], whole));
  console.log(await measure('second run', ['import', source], whole));

  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-bench-'));
  keep(() => rm(folder, { recursive: true }));
  const [file, again] = [join(folder, 'file.ndjson'), join(folder, 'again.ndjson')];
  const other = await server.database('bench_other');
  console.log(await measure('export', ['export', file], whole));
  console.log(await measure('import of the file', ['import', file], other));
  console.log(await measure('export', ['export', again], other));
  const digests = await Promise.all([file, again].map(digestOf));
  console.log(`the files are ${digests[0] === digests[1] ? 'equal' : 'DIFFERENT'}\n`);

  const cut = await server.database('bench_cut');
  await settle(source);
  console.log(await measure('killed after 10 s', ['import', source], cut, 10_000));
  console.log(await measure('goes on', ['import', source], cut));
});

/** @param {string} file */
async function digestOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** @param {string} what @param {string[]} args @param {string} target @param {number} [killMs] */
async function measure(what, args, target, killMs) {
  const beganAt = performance.now();
  const child = spawn(nodeOfAll(), [MAIN, ...args], {
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
