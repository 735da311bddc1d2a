import { quantile, spread, table } from './figures.js';
import { ratios } from './queue-ratios.js';
import { barCells, publish } from './results.js';

const NAMES = {
  service: 'pict-repo',
  graphile: 'graphile-worker',
  pgboss: 'pg-boss',
  empty: 'empty Fastify route',
};

/**
 * Prints the ratios with their bars, then what they come from.
 *
 * @param {import('./queue-ratios.js').Figures} figures
 * @param {{ who: string, clients: number, setting: { pool?: number, way?: string } }[]} drains the settings taken
 */
export function printQueueFigures(figures, drains) {
  const compared = ratios(figures);
  const bars = compared.map((figure) => [figure.what, figure.is.toFixed(2), ...barCells(figure)]);
  publish({ benchmark: 'queue', figures: compared });
  console.log(`\n${table(['ratio', 'is', 'bar', ''], bars)}\n`);

  const rows = drains.map(({ who, clients, setting: { way, pool } }) => [
    NAMES[who],
    [`${clients} clients`, way && `${way}()`, pool && `pool of ${pool}`].filter(Boolean).join(', '),
    spread(figures[`drain ${who} ${clients}`]),
    spread(figures[`push ${who} ${clients}`]),
    '',
    '',
  ]);
  for (const clients of namesAfter(figures, 'push empty ')) {
    rows.push([NAMES.empty, `${clients} clients`, '', spread(figures[`push empty ${clients}`]), '', '']);
  }
  for (const who of namesAfter(figures, 'latency ')) {
    const milliseconds = (/** @type {number} */ share) =>
      `${quantile(figures[`latency ${who}`], share).toFixed(2)} ms`;
    rows.push([NAMES[who], 'one waiting worker', '', '', milliseconds(0.5), milliseconds(0.99)]);
  }
  console.log(table(['contender', 'setting', 'jobs/s', 'single pushes/s', 'p50', 'p99'], rows));
}

/** What follows the prefix in the names of figures. @param {import('./queue-ratios.js').Figures} figures @param {string} prefix */
function namesAfter(figures, prefix) {
  return Object.keys(figures)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}
