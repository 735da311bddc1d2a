import { withRatio } from './comparisons.js';
import { median } from './figures.js';
import { openGenerator } from './generator.js';
import { accessPath, HOT_READS, seed, seeded } from './hot-reads.js';
import { query, settle } from './postgres.js';
import { turns } from './turns.js';

/** How many paths the generator has of each kind. */
const PATHS = 20_000;
const CONNECTIONS = [1, 64, 256];
const BARS = {
  plain: { 1: { bar: 0.95 }, 64: { bar: 1.6, aim: 2 }, 256: { bar: 2, aim: 2.5 } },
  accesses: { 64: { bar: 2 }, 256: { bar: 2.3 } },
};

/**
 * Measures hot reads and access writes of the service beside plain and empty routes, in turns.
 *
 * @param {object} context
 * @param {import('./processes.js').Processes} context.processes
 * @param {(stop: () => Promise<void>) => void} context.keep
 * @param {string} context.url of an empty database
 * @param {{ hashes: number, rounds: number, seconds: number, warmUpSeconds: number, only: string[] }} plan only: parts of names; none for all
 * @returns {Promise<{ generator: string, rows: import('./comparisons.js').Comparison[], curves: import('./results.js').Curves }>}
 */
export async function measureReads({ processes, keep, url }, plan) {
  const generator = await openGenerator({ processes, keep });
  const ports = { service: 0, plain: 0, empty: 0 };
  ports.service = await processes.server(
    '../dist/src/main.js',
    {
      DATABASE_URL: url,
      LOG_LEVEL: 'warn',
      ACCESS_GRANULARITY_SECONDS: '0',
    },
    ['serve'],
  );
  for (const statement of seed(plan.hashes)) await query(url, statement);
  await settle(url);
  ports.empty = await processes.server('contenders/plain-routes.js', { DATABASE_URL: url, EMPTY: '' });

  /** @type {import('./comparisons.js').Comparison[]} */
  const rows = [];
  /** Of the main read. @type {import('./results.js').Curves} */
  const curves = {};
  const isWanted = (/** @type {string} */ name) =>
    plan.only.length === 0 || plan.only.some((part) => name.includes(part));
  for (const { name, path } of HOT_READS.filter((read) => isWanted(read.name))) {
    const isMain = name === 'hashes.identifier';
    await renewPlain();
    // The main read is of all hashes, the others of those that have all.
    const range = isMain ? plan.hashes : seeded(plan.hashes);
    const requests = requestsOf('GET', (at) => path(Math.floor((at * range) / PATHS)));
    for (const connections of isMain ? CONNECTIONS : [64]) {
      /** @type {(keyof typeof ports)[]} */
      const who = isMain ? ['service', 'empty', 'plain'] : ['service', 'plain'];
      await warmUp(requests, connections, who);
      const rates = await inTurns(requests, connections, who);
      const row = { what: name, connections, ours: rates.service };
      if (isMain) {
        for (const one of who) curves[one] = { ...curves[one], [connections]: median(rates[one]) };
      }
      if (isMain && connections === 64)
        rows.push(
          withRatio({ ...row, of: 'an empty Fastify route', theirs: rates.empty, bar: 0.5, aim: 0.65 }),
        );
      const bars = isMain ? BARS.plain[connections] : { bar: 1.5 };
      rows.push(withRatio({ ...row, of: 'a plain query', theirs: rates.plain, ...bars }));
    }
  }
  if (isWanted('aliasAccess.accessed')) {
    const requests = requestsOf('PUT', accessPath);
    /** @type {(keyof typeof ports)[]} */
    const who = ['service', 'plain'];
    await renewPlain();
    for (const [connections, bar] of Object.entries(BARS.accesses)) {
      await warmUp(requests, Number(connections), who);
      await settle(url);
      const { service: ours, plain: theirs } = await inTurns(requests, Number(connections), who);
      const row = { what: 'aliasAccess.accessed', connections: Number(connections), of: 'a plain UPDATE' };
      rows.push(withRatio({ ...row, ours, theirs, ...bar }));
    }
  }
  return { generator: generator.name, rows, curves };

  /** A process of its own for each kind of request: with the statements of other kinds it gets slower. */
  async function renewPlain() {
    await processes.end(ports.plain);
    ports.plain = await processes.server('contenders/plain-routes.js', { DATABASE_URL: url });
  }

  /**
   * @param {import('./generator.js').Request[]} requests @param {number} connections
   * @param {(keyof typeof ports)[]} who
   */
  async function warmUp(requests, connections, who) {
    for (const one of who) {
      await generator.rate({ port: ports[one], requests, connections, seconds: plan.warmUpSeconds });
    }
  }

  /**
   * @param {import('./generator.js').Request[]} requests @param {number} connections
   * @param {(keyof typeof ports)[]} who
   */
  function inTurns(requests, connections, who) {
    return turns(plan.rounds, who, (one) =>
      generator.rate({ port: ports[one], requests, connections, seconds: plan.seconds }),
    );
  }
}

/** @param {string} method @param {(at: number) => string} path */
function requestsOf(method, path) {
  // A prime step spreads neighbours, which lie side by side in the tables.
  return Array.from({ length: PATHS }, (_, at) => ({ method, path: path((at * 7919) % PATHS) }));
}
