import { parseArgs } from 'node:util';
import { comparisonTable, figureOf } from './support/comparisons.js';
import { printMachine } from './support/machine.js';
import { measureReads } from './support/measure-reads.js';
import { startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';
import { publish } from './support/results.js';

// Hot reads and access writes beside a plain Fastify route and an empty one: README.md says what is measured and how.
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    hashes: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
  },
});
const only = values.only.split(',').filter(Boolean);
const plan = values.quick
  ? { rounds: 3, seconds: 1, warmUpSeconds: 1, hashes: 100_000 }
  : { rounds: Number(values.rounds), seconds: 1, warmUpSeconds: 2, hashes: Number(values.hashes) };

await runBenchmark(async ({ processes, keep }) => {
  const began = performance.now();
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);
  const url = await postgres.database('bench_reads');
  const { generator, rows, curves } = await measureReads({ processes, keep, url }, { ...plan, only });
  console.log(`Requests by ${generator}.\n\n${comparisonTable(rows)}\n`);
  publish({ benchmark: 'reads', figures: rows.map(figureOf), curves });
  console.log(`In ${Math.round((performance.now() - began) / 1000)} s.`);
});
