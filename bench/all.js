import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from './support/figures.js';
import { plot } from './support/plot.js';
import { barCells } from './support/results.js';

// Runs the benchmarks that have bars, one after the other: README.md says what each measures.
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
/** With what each is made short. */
const BENCHMARKS = {
  reads: ['--quick'],
  streams: ['--hashes', '100000', '--rounds', '3'],
  writes: ['--quick'],
  media: ['--quick'],
  queue: ['--quick'],
  size: ['--starts', '3'],
};
const folder = mkdtempSync(join(tmpdir(), 'pict-repo-bench-results-'));
const collected = join(folder, 'results');
const only = values.only.split(',').filter(Boolean);
/** @type {string[]} */
const failed = [];
try {
  writeFileSync(collected, '');
  for (const [name, short] of Object.entries(BENCHMARKS)) {
    if (only.length > 0 && !only.includes(name)) continue;
    console.log(`\n# ${name}\n`);
    if ((await run(name, values.quick ? short : [])) !== 0) failed.push(name);
  }
  /** @type {import('./support/results.js').Result[]} */
  const results = readFileSync(collected, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const rows = results.flatMap(({ benchmark, figures }) =>
    figures.map((figure) => [benchmark, figure.what, figure.is.toPrecision(3), ...barCells(figure)]),
  );
  console.log(`\n# All\n\n${table(['benchmark', 'figure', 'is', 'bar', ''], rows)}`);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const machineAndDay = { date: new Date().toISOString().slice(0, 10), machine, quick: values.quick };
  // With --only, the other benchmarks keep the results of their last run.
  const file = join(import.meta.dirname, 'results.json');
  /** @type {Record<string, object>} */
  const all = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  for (const { benchmark, ...result } of results) all[benchmark] = { ...machineAndDay, ...result };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  const curves = results.find((result) => result.curves)?.curves;
  if (curves) writeFileSync(join(import.meta.dirname, 'throughput.svg'), plot(curves));
} finally {
  rmSync(folder, { recursive: true });
}
if (failed.length > 0) {
  console.error(`could not run: ${failed.join(', ')}`);
  process.exitCode = 1;
}

/** @param {string} name @param {string[]} options @returns {Promise<number | null>} its exit code */
function run(name, options) {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.js`), ...options], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_RESULTS: collected },
  });
  // Ctrl-C reaches the child as well, which takes away what it has started.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      if (signal === 'SIGINT' || code === 130) process.exit(130);
      resolve(code);
    });
  });
}
