/** What PromQL computes with samples that were scraped once a minute (promql.ts). */

export type Labels = Record<string, string>;

export interface Series {
  name: string;
  labels: Labels;
  /** The value of each minute; undefined where the scrape did not have it. */
  values: (number | undefined)[];
}

export interface Sample {
  labels: Labels;
  value: number;
}

/** A number, or a vector. */
export type Value = number | Sample[];
type Points = [minute: number, value: number][];

export const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};
export const COMPUTE: Record<string, (a: number, b: number) => number> = {
  '/': (a, b) => a / b,
  '*': (a, b) => a * b,
};
export const AGGREGATE: Record<string, (values: number[]) => number> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  max: (values) => Math.max(...values),
  count: (values) => values.length,
};
/** Of the points of a range, and its length in seconds. Extrapolates to the whole range, as Prometheus does. */
export const OVER_RANGE: Record<string, (points: Points, seconds: number) => number | undefined> = {
  rate: (points) => growth(points, true, 1),
  increase: (points, seconds) => growth(points, true, seconds),
  delta: (points, seconds) => growth(points, false, seconds),
  min_over_time: (points) =>
    points.length === 0 ? undefined : Math.min(...points.map(([, value]) => value)),
};

export function vector(value: Value): Sample[] {
  if (typeof value === 'number') throw new Error('a vector was expected');
  return value;
}

/** What samples must share to match: some labels, or all of them. */
export function keyOn(names: string[] | undefined): (sample: Sample) => string {
  return ({ labels }) =>
    JSON.stringify(
      Object.entries(labels)
        .filter(([label]) => names === undefined || names.includes(label))
        .sort(),
    );
}

export function grouped(samples: Sample[], keyOf: (sample: Sample) => string): [Labels, Sample[]][] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) groups.set(keyOf(sample), [...(groups.get(keyOf(sample)) ?? []), sample]);
  return [...groups].map(([key, group]) => [Object.fromEntries(JSON.parse(key)) as Labels, group]);
}

export function combine(
  left: Value,
  right: Value,
  operate: (a: number, b: number) => number | undefined,
): Sample[] {
  const keyOf = keyOn(undefined);
  const others =
    typeof right === 'number' ? right : new Map(right.map((sample) => [keyOf(sample), sample.value]));
  return vector(left).flatMap((sample) => {
    const other = typeof others === 'number' ? others : others.get(keyOf(sample));
    const value = other === undefined ? undefined : operate(sample.value, other);
    return value === undefined ? [] : { labels: sample.labels, value };
  });
}

/** What the points grew by within so many seconds. */
function growth(points: Points, isCounter: boolean, times: number): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || first === last) return undefined;
  let grown = last[1] - first[1];
  // A counter that became less began anew.
  if (isCounter)
    for (const [at, [, value]] of points.entries())
      if (value > (points[at + 1]?.[1] ?? value)) grown += value;
  return (grown / ((last[0] - first[0]) * 60)) * times;
}

export function quantiles(quantile: number, samples: Sample[]): Sample[] {
  const isLe = (label: string) => label === 'le';
  const names = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter(
    (label) => !isLe(label),
  );
  return grouped(samples, keyOn(names)).map(([labels, group]) => {
    const buckets = group
      .map((bucket) => ({
        le: Number((bucket.labels['le'] ?? '').replace('+Inf', 'Infinity')),
        count: bucket.value,
      }))
      .sort((a, b) => a.le - b.le);
    const rank = quantile * (buckets.at(-1)?.count ?? 0);
    const at = buckets.findIndex(({ count }) => count >= rank);
    const [below, bucket] = [buckets[at - 1] ?? { le: 0, count: 0 }, buckets[at]];
    if (!bucket || rank === 0) return { labels, value: Number.NaN };
    const isLast = bucket.le === Number.POSITIVE_INFINITY;
    const part = (rank - below.count) / (bucket.count - below.count);
    return { labels, value: isLast ? below.le : below.le + (bucket.le - below.le) * part };
  });
}
