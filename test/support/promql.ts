/** The part of PromQL that ops/alerts.yaml uses, evaluated over samples that were scraped once a minute. */

import {
  AGGREGATE,
  COMPARE,
  COMPUTE,
  combine,
  grouped,
  keyOn,
  type Labels,
  OVER_RANGE,
  quantiles,
  type Sample,
  type Series,
  type Value,
  vector,
} from './promql-values.js';

type Expression = (minute: number) => Value;

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?[smhd]?|[A-Za-z_:][\w:]*|"(?:[^"\\]|\\.)*")|(==|!=|=~|!~|>=|<=|[-+*/(){}[\],=<>]))/y;
const MINUTES: Record<string, number> = { s: 1 / 60, m: 1, h: 60, d: 1440 };

/** @returns the samples that the expression has at each minute */
export function evaluate(text: string, series: Series[]): (minute: number) => Sample[] {
  const expression = parse(text, series);
  return (minute) => {
    const value = expression(minute);
    if (typeof value === 'number') throw new Error(`a number, not a vector: ${text}`);
    return value;
  };
}

function parse(text: string, series: Series[]): Expression {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim() !== ''; ) {
    const found = TOKEN.exec(text);
    if (!found) throw new Error(`cannot read: ${text}`);
    tokens.push(found[1] ?? found[2] ?? '');
  }
  let at = 0;
  const peek = () => tokens[at] ?? '';
  const next = () => tokens[at++] ?? '';
  const take = (token: string): boolean => peek() === token && ++at > 0;
  const expect = (token: string): void => {
    if (!take(token)) throw new Error(`${token} is missing before "${peek()}" in: ${text}`);
  };
  const names = (): string[] => {
    const list: string[] = [];
    expect('(');
    while (!take(')')) {
      list.push(next());
      take(',');
    }
    return list;
  };

  function sets(): Expression {
    let left = comparison();
    while (['and', 'unless'].includes(peek())) {
      const wanted = next() === 'and';
      const keyOf = take('on') ? keyOn(names()) : keyOn(undefined);
      const [one, other] = [left, comparison()];
      left = (minute) => {
        const keys = new Set(vector(other(minute)).map(keyOf));
        return vector(one(minute)).filter((sample) => keys.has(keyOf(sample)) === wanted);
      };
    }
    return left;
  }

  function comparison(): Expression {
    const left = product();
    const compare = COMPARE[peek()];
    if (!compare) return left;
    next();
    const right = product();
    return (minute) => combine(left(minute), right(minute), (a, b) => (compare(a, b) ? a : undefined));
  }

  function product(): Expression {
    let left = factor();
    for (let compute = COMPUTE[peek()]; compute; compute = COMPUTE[peek()]) {
      next();
      const [one, other, by] = [left, factor(), compute];
      left = (minute) => combine(one(minute), other(minute), by);
    }
    return left;
  }

  function factor(): Expression {
    if (take('(')) {
      const inner = sets();
      expect(')');
      return inner;
    }
    const word = next();
    if (/^\d/.test(word)) return () => Number(word);
    const aggregate = AGGREGATE[word];
    if (aggregate) {
      const keyOf = keyOn(take('by') ? names() : []);
      const inner = factor();
      return (minute) =>
        grouped(vector(inner(minute)), keyOf).map(([labels, group]) => ({
          labels,
          value: aggregate(group.map(({ value }) => value)),
        }));
    }
    const overRange = OVER_RANGE[word];
    if (overRange) {
      expect('(');
      const select = selector(next());
      expect('[');
      const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(next()) ?? [];
      const minutes = Number(count) * (MINUTES[unit] ?? Number.NaN);
      expect(']');
      expect(')');
      return (minute) =>
        select().flatMap(({ labels, values }) => {
          const points = values
            .map((value, when) => [when, value] as const)
            .filter((point): point is [number, number] => point[1] !== undefined)
            .filter(([when]) => when > minute - minutes && when <= minute);
          const value = overRange(points, minutes * 60);
          return value === undefined ? [] : { labels, value };
        });
    }
    if (word === 'histogram_quantile') {
      expect('(');
      const quantile = Number(next());
      expect(',');
      const inner = sets();
      expect(')');
      return (minute) => quantiles(quantile, vector(inner(minute)));
    }
    const select = selector(word);
    return (minute) =>
      select().flatMap(({ labels, values }) => {
        const value = values[minute];
        return value === undefined ? [] : { labels, value };
      });
  }

  function selector(name: string): () => Series[] {
    const matchers: ((labels: Labels) => boolean)[] = [];
    if (take('{')) {
      while (!take('}')) {
        const [label, operator, value] = [next(), next(), JSON.parse(next()) as string];
        const pattern = new RegExp(`^(?:${value})$`);
        const holds = (found: string) => (operator.includes('~') ? pattern.test(found) : found === value);
        matchers.push((labels) => holds(labels[label] ?? '') !== operator.startsWith('!'));
        take(',');
      }
    }
    return () =>
      series.filter((one) => one.name === name && matchers.every((matches) => matches(one.labels)));
  }

  const whole = sets();
  if (at < tokens.length) throw new Error(`"${peek()}" is not understood in: ${text}`);
  return whole;
}
