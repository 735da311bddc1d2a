import { withRatio } from './comparisons.js';
import { CREATES, PARENTS } from './creates.js';
import { openGenerator } from './generator.js';
import { query, settle } from './postgres.js';
import { turns } from './turns.js';

const CONNECTIONS = [1, 64, 256];
/** A lone create is compared with the one before, not with a plain insert: bench/README.md. */
const BARS = { 64: { bar: 1.5, aim: 2.5 }, 256: { bar: 1.5, aim: 2.5 } };

/**
 * Measures creates of the service beside plain routes with one insert a request, in turns, in the same tables.
 *
 * @param {object} context
 * @param {import('./processes.js').Processes} context.processes
 * @param {(stop: () => Promise<void>) => void} context.keep
 * @param {string} context.url of an empty database
 * @param {{ rounds: number, seconds: number, warmUpSeconds: number, only: string }} plan
 * @returns {Promise<{ generator: string, rows: import('./comparisons.js').Comparison[] }>}
 */
export async function measureWrites({ processes, keep, url }, plan) {
  const generator = await openGenerator({ processes, keep });
  const service = await processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, [
    'serve',
  ]);
  for (const statement of PARENTS) await query(url, statement);

  /** @type {import('./comparisons.js').Comparison[]} */
  const rows = [];
  for (const { name, path, body, table } of CREATES.filter((create) => create.name.includes(plan.only))) {
    const requests = [{ method: 'PUT', path, body: JSON.stringify(body) }];
    // A process of its own for each kind: with the statements of other kinds it gets slower.
    const plain = await processes.server('contenders/plain-routes.js', { DATABASE_URL: url });
    const ports = { service, plain };
    const before = await count(table);
    // Of numbers that no request has had.
    let after = 10_000;
    const rate = async (
      /** @type {number} */ port,
      /** @type {number} */ connections,
      seconds = plan.seconds,
    ) => {
      const rate = await generator.rate({ port, requests, connections, seconds, after });
      // What was sent at the end, and not answered, has a number too.
      after += Math.ceil(rate * seconds * 1.2) + 1000;
      created += rate * seconds;
      return rate;
    };
    let created = 0;
    for (const port of Object.values(ports)) await rate(port, 64, plan.warmUpSeconds);
    for (const connections of CONNECTIONS) {
      await settle(url);
      const { service: ours, plain: theirs } = await turns(plan.rounds, ['service', 'plain'], (who) =>
        rate(ports[who], connections),
      );
      rows.push(
        withRatio({ what: name, connections, of: 'a plain insert', ours, theirs, ...BARS[connections] }),
      );
    }
    await processes.end(plain);
    const found = (await count(table)) - before;
    if (found < 0.98 * created) throw new Error(`${name}: ${found} rows of ${Math.round(created)} creates`);
  }
  return { generator: generator.name, rows };

  /** @param {string} table @returns {Promise<number>} */
  async function count(table) {
    const [row] = await query(url, `select count(*)::integer as count from ${table}`);
    return row.count;
  }
}
