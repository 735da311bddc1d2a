import { parseArgs } from 'node:util';
import { comparisonTable, figureOf } from './support/comparisons.js';
import { printMachine } from './support/machine.js';
import { measureMedia } from './support/measure-media.js';
import { startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';
import { publish } from './support/results.js';

// One request of an image host beside the single ones that it replaces: README.md says what is measured and how.
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const plan = values.quick
  ? { rounds: 3, seconds: 1, warmUpSeconds: 1, hashes: 100_000 }
  : { rounds: 7, seconds: 2, warmUpSeconds: 2, hashes: 1_000_000 };

await runBenchmark(async ({ processes, keep }) => {
  const began = performance.now();
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);
  const url = await postgres.database('bench_media');
  const { generator, rows } = await measureMedia({ processes, keep, url }, plan);
  console.log(`Requests by ${generator}; rates are images a second.\n\n${comparisonTable(rows)}\n`);
  publish({ benchmark: 'media', figures: rows.map(figureOf) });
  console.log(`In ${Math.round((performance.now() - began) / 1000)} s.`);
});
