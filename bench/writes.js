import { parseArgs } from 'node:util';
import { comparisonTable, figureOf } from './support/comparisons.js';
import { printMachine } from './support/machine.js';
import { measureWrites } from './support/measure-writes.js';
import { startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';
import { publish } from './support/results.js';

// Creates beside a plain Fastify route with one insert a request: README.md says what is measured and how.
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const plan = values.quick
  ? { rounds: 3, seconds: 1, warmUpSeconds: 2 }
  : { rounds: 7, seconds: 1, warmUpSeconds: 4 };

await runBenchmark(async ({ processes, keep }) => {
  const began = performance.now();
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);
  const url = await postgres.database('bench_writes');
  const { generator, rows } = await measureWrites({ processes, keep, url }, { ...plan, only: values.only });
  console.log(`Requests by ${generator}.\n\n${comparisonTable(rows)}\n`);
  publish({ benchmark: 'writes', figures: rows.map(figureOf) });
  console.log(`In ${Math.round((performance.now() - began) / 1000)} s.`);
});
