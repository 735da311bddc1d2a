/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {number[]} values @param {number} share of 1 */
export function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
}

/** @param {{ jobs: number, seconds: number }} run */
export const rate = ({ jobs, seconds }) => jobs / seconds;

/** Runs of the same thing: the median, and from where to where they went. @param {number[]} [rates] */
export function spread(rates) {
  if (!rates) return '';
  const whole = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');
  if (rates.length === 1) return whole(median(rates));
  return `${whole(median(rates))} (${whole(Math.min(...rates))}–${whole(Math.max(...rates))})`;
}

/** A table in Markdown, its columns aligned. @param {string[]} head @param {string[][]} rows */
export function table(head, rows) {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at].length)));
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
