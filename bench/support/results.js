import { appendFileSync } from 'node:fs';

/**
 * What a benchmark found out, for `bench/all.js`, which runs them all.
 *
 * @typedef {object} Figure
 * @property {string} what
 * @property {number} is
 * @property {number} [bar] absent where the figure is only shown
 * @property {number} [aim]
 * @property {boolean} [isMost] the bar is not to be exceeded; otherwise it is to be reached
 *
 * @typedef {Record<string, Record<string, number>>} Curves requests a second, by contender and number of connections
 * @typedef {{ benchmark: string, figures: Figure[], curves?: Curves }} Result
 */

/** @param {Result} result */
export function publish(result) {
  const { BENCH_RESULTS } = process.env;
  if (BENCH_RESULTS) appendFileSync(BENCH_RESULTS, `${JSON.stringify(result)}\n`);
}

/** @param {Figure} figure */
export function isMet({ is, bar, isMost }) {
  if (bar === undefined) return undefined;
  return isMost ? is <= bar : is >= bar;
}

/** The cells of the bar, and whether it is met. @param {Figure} figure */
export function barCells(figure) {
  const { bar, aim, isMost } = figure;
  if (bar === undefined) return ['none', ''];
  const sign = isMost ? '≤' : '≥';
  return [`${sign} ${bar}${aim === undefined ? '' : `, aim ${aim}`}`, isMet(figure) ? 'met' : 'not met'];
}
