import { median, spread, table } from './figures.js';
import { barCells } from './results.js';

/**
 * @typedef {object} Comparison what a contender did beside another, in turns
 * @property {string} what
 * @property {number} connections
 * @property {string} of whom it is compared with
 * @property {number[]} ours answers per second, round by round
 * @property {number[]} theirs
 * @property {number} ratio the median of the rounds' ratios
 * @property {number} [bar] absent where the figure is only shown
 * @property {number} [aim]
 */

/** @param {Omit<Comparison, 'ratio'>} row @returns {Comparison} */
export function withRatio(row) {
  // Round by round: what ran beside each other in time had the same machine.
  return { ...row, ratio: median(row.ours.map((rate, round) => rate / row.theirs[round])) };
}

/** @param {Comparison[]} rows */
export function comparisonTable(rows) {
  return table(
    ['', 'connections', 'pict-repo, /s', 'compared with', 'its rate, /s', 'ratio', 'bar', ''],
    rows.map((row) => [
      row.what,
      String(row.connections),
      spread(row.ours),
      row.of,
      spread(row.theirs),
      row.ratio.toFixed(2),
      ...barCells(figureOf(row)),
    ]),
  );
}

/** @param {Comparison} row @returns {import('./results.js').Figure} */
export function figureOf({ what, connections, of, ratio, bar, aim }) {
  return { what: `${what} ÷ ${of}, ${connections} connections`, is: ratio, bar, aim };
}
