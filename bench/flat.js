import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { besideCounts } from './support/beside.js';
import { CALLS, NOT_CALLED } from './support/calls.js';
import { table } from './support/figures.js';
import { fill } from './support/fill.js';
import { printMachine } from './support/machine.js';
import {
  blocksOf,
  EXPLAIN_SETTINGS,
  explainDatabase,
  nodesOf,
  planLog,
  searchesOf,
} from './support/plans.js';
import { query, settle, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';

// What lookups cost with many images beside few: README.md says what is measured and how.
const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '10000000' },
    few: { type: 'string', default: '10000' },
    only: { type: 'string', default: '' },
    counts: { type: 'boolean', default: false },
  },
});
const SAMPLES = 5;
/** A table of so many rows may be read whole. */
const SMALL = 1000;

/** Queues are measured by bench:soak and bench:figures, uploads are few, and the others read no tables. */
const OTHER_TAGS = ['queue', 'uploads', 'operations'];

await runBenchmark(async ({ processes, keep }) => {
  const calls = wanted();
  const postgres = await startPostgres(keep, { ...EXPLAIN_SETTINGS, fsync: 'off', shared_buffers: '2GB' });
  await printMachine(postgres.url);

  const start = (/** @type {string} */ url) =>
    processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, ['serve']);
  /** @type {Record<string, Map<string, Cost>>} */
  const costs = {};
  /** @type {string[][]} */
  const beside = [];
  for (const [name, images] of Object.entries({ few: Number(values.few), many: Number(values.images) })) {
    const database = `bench_${name}`;
    const url = await postgres.database(database);
    const began = performance.now();
    await processes.end(await start(url));
    await fill(url, images, (done) => console.log(`${images} images: ${done}`));
    await settle(url);
    const [{ size }] = await query(url, `select pg_size_pretty(pg_database_size('${database}')) as size`);
    console.log(`${images} images, ${size}, filled in ${Math.round((performance.now() - began) / 1000)} s`);
    if (values.counts && name === 'many') {
      const port = await start(url);
      beside.push(...(await besideCounts(port, images)));
      await processes.end(port);
    }
    await query(url, explainDatabase(database));
    const port = await start(url);
    costs[name] = await costsOf(port, images, planLog(postgres.log), calls);
    await processes.end(port);
  }
  const rows = compare(costs.few, costs.many);
  console.log(table(['method', 'pages', 'of few', 'more per search', 'of index', 'reads whole'], rows));
  if (!values.counts) return;
  const head = ['count', 'seconds', 'requests', 'read before, p50 ms', 'meanwhile', 'ratio'];
  console.log(`\n${table(head, beside)}`);
});

/** The calls that were asked for. Fails where a method of the document is not known here. */
function wanted() {
  const { paths } = JSON.parse(readFileSync(join(import.meta.dirname, '../openapi/openapi.json'), 'utf8'));
  const known = new Set([
    ...Object.keys(CALLS).map((name) => name.split(',')[0]),
    ...Object.keys(NOT_CALLED),
  ]);
  for (const { operationId } of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (!operationId || OTHER_TAGS.includes(operationId.split('.')[0]) || known.has(operationId)) continue;
    throw new Error(`support/calls.js has no call of ${operationId}`);
  }
  return Object.entries(CALLS).filter(([name]) => name.includes(values.only));
}

/**
 * What a method costs: the pages of one call, the most that one search of each index read (with the rows that it leads to),
 * and the large tables that were read whole.
 *
 * @typedef {{ pages: number, searches: Map<string, number>, whole: Set<string> }} Cost
 */

/**
 * @param {number} port @param {number} images @param {ReturnType<typeof planLog>} log
 * @param {[string, (n: number) => import('./support/calls.js').Call][]} calls
 */
async function costsOf(port, images, log, calls) {
  // What the service does by itself is not a cost of a call.
  await log.next();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const byItself = new Set((await log.next()).map(({ text }) => text));
  /** @type {Map<string, Cost>} */
  const costs = new Map();
  let at = 0;
  for (const [name, callOf] of calls) {
    /** @type {Cost} */
    const cost = { pages: 0, searches: new Map(), whole: new Set() };
    costs.set(name, cost);
    for (let sample = 0; sample < SAMPLES; sample++) {
      const { method, path, body } = callOf(numberOf(++at, images));
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`${name}: ${response.status} ${answer}`);
      // Accesses may be written after the answer.
      if (/access/i.test(name)) await new Promise((resolve) => setTimeout(resolve, 1_500));
      const executed = (await log.next()).filter(({ text }) => !byItself.has(text));
      if (executed.length === 0) throw new Error(`${name} made no statement`);
      cost.pages = Math.max(
        cost.pages,
        executed.reduce((sum, { plan }) => sum + blocksOf(plan), 0),
      );
      for (const node of executed.flatMap(({ plan }) => nodesOf(plan))) addNode(cost, node);
    }
  }
  return costs;
}

/** The number of an image that no other call has, far from its neighbours. @param {number} call @param {number} images */
function numberOf(call, images) {
  // The first are removed by expiry, and only each tenth has all that an image can have.
  const [first, count] = [100, images / 10 - 100];
  let step = Math.floor(count * 0.618);
  while (greatestCommonDivisor(step, count) > 1) step++;
  return 10 * (first + ((call * step) % count));
}

/** @param {number} a @param {number} b @returns {number} */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** @param {Cost} cost @param {import('./support/plans.js').Node} node */
function addNode(cost, node) {
  const index = node['Index Name'];
  if (index && searchesOf(node) > 0) {
    const each = blocksOf(node) / searchesOf(node);
    cost.searches.set(index, Math.max(cost.searches.get(index) ?? 0, each));
  }
  const isWhole = node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0;
  const read = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  if (isWhole && node['Relation Name'] && read > SMALL) cost.whole.add(node['Relation Name']);
}

/** @param {Map<string, Cost>} few @param {Map<string, Cost>} many */
function compare(few, many) {
  return [...many].map(([name, cost]) => {
    const before = few.get(name);
    let most = 0;
    let index = '';
    for (const [one, each] of cost.searches) {
      const more = each - (before?.searches.get(one) ?? 0);
      if (!before?.searches.has(one) || more <= most) continue;
      [most, index] = [more, one];
    }
    return [
      name,
      String(cost.pages),
      String(before?.pages),
      most.toFixed(1),
      index,
      [...cost.whole].join(', '),
    ];
  });
}
