import { median, quantile } from './figures.js';

/**
 * @typedef {Record<string, number[]>} Figures runs by name: `drain service 24`, `push empty 200`, `latency pgboss`
 */

const PEERS = { graphile: 'graphile-worker', pgboss: 'pg-boss' };
const DRAINS = [
  { clients: 24, bars: { graphile: 2, pgboss: 6 } },
  { clients: 200, bars: { graphile: 4, pgboss: 10 } },
];

/** @param {Figures} figures @returns {import('./results.js').Figure[]} */
export function ratios(figures) {
  const of = (/** @type {string} */ name) => median(figures[name]);
  // Round by round: what ran beside each other in time had the same machine, which may be slower a minute later.
  const ratioOf = (/** @type {string} */ one, /** @type {string} */ other) =>
    median(figures[one].map((rate, round) => rate / figures[other][round]));
  const best = (/** @type {string} */ who) =>
    Object.keys(figures)
      .filter((name) => name.startsWith(`push ${who} `))
      .reduce((one, other) => (of(other) > of(one) ? other : one));
  /** @type {import('./results.js').Figure[]} */
  const all = [];
  for (const { clients, bars } of DRAINS) {
    for (const [peer, bar] of Object.entries(bars)) {
      const ratio = ratioOf(`drain service ${clients}`, `drain ${peer} ${clients}`);
      all.push({ what: `jobs/s at ${clients} clients, of ${PEERS[peer]}'s`, is: ratio, bar });
    }
  }
  for (const peer of Object.keys(PEERS)) {
    const ratio = ratioOf(best('service'), best(peer));
    all.push({ what: `single pushes/s (best), of ${PEERS[peer]}'s (best)`, is: ratio, bar: 8 });
  }
  const ratio = ratioOf('push service 200', 'push empty 200');
  all.push({
    what: 'single pushes/s at 200 clients, of an empty Fastify route',
    is: ratio,
    bar: 0.4,
  });
  for (const [name, share] of Object.entries({ p50: 0.5, p99: 0.99 })) {
    for (const peer of Object.keys(PEERS)) {
      const ratio = quantile(figures['latency service'], share) / quantile(figures[`latency ${peer}`], share);
      all.push({ what: `push to delivery, ${name}, of ${PEERS[peer]}'s`, is: ratio, bar: 1, isMost: true });
    }
  }
  return all;
}
