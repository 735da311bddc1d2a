import { median, spread, table } from './figures.js';

/**
 * @typedef {object} ReadRow what a contender did beside another, in turns
 * @property {string} what
 * @property {number} connections
 * @property {string} of whom it is compared with
 * @property {number[]} ours answers per second, round by round
 * @property {number[]} theirs
 * @property {number} ratio the median of the rounds' ratios
 * @property {number} [bar] absent where the figure is only shown
 * @property {number} [aim]
 */

/** @param {Omit<ReadRow, 'ratio'>} row @returns {ReadRow} */
export function withRatio(row) {
  // Round by round: what ran beside each other in time had the same machine.
  return { ...row, ratio: median(row.ours.map((rate, round) => rate / row.theirs[round])) };
}

/** @param {ReadRow[]} rows */
export function readTable(rows) {
  return table(
    ['', 'connections', 'pict-repo, /s', 'compared with', 'its rate, /s', 'ratio', 'bar', ''],
    rows.map(({ what, connections, of, ours, theirs, ratio, bar, aim }) => [
      what,
      String(connections),
      spread(ours),
      of,
      spread(theirs),
      ratio.toFixed(2),
      bar === undefined ? 'none' : aim === undefined ? `≥ ${bar}` : `≥ ${bar}, aim ${aim}`,
      bar === undefined ? '' : ratio >= bar ? 'met' : 'not met',
    ]),
  );
}
