import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Scrape } from './metrics.js';
import { evaluate } from './promql.js';
import type { Labels, Series } from './promql-values.js';

interface Alert {
  name: string;
  expression: string;
  /** For how many minutes it must hold. */
  minutes: number;
}

/** The rules of ops/alerts.yaml, which are written in the same few forms. */
export async function readAlerts(): Promise<Alert[]> {
  const text = await readFile(new URL('../../../ops/alerts.yaml', import.meta.url), 'utf8');
  return text
    .split(/^ +- alert: /m)
    .slice(1)
    .map((rule) => {
      const [name = ''] = rule.split('\n');
      const [, line = '', block = ''] = /^ +expr: (?:([^|\n].*)|\|\n((?: {10,}.*\n)+))/m.exec(rule) ?? [];
      const [, minutes = '0'] = /^ +for: (\d+)m$/m.exec(rule) ?? [];
      assert.notEqual(line + block, '', `${name} has no expression`);
      return { name, expression: line + block, minutes: Number(minutes) };
    });
}

/** What an alert fires for at a minute: the labels of each sample that its expression has had for long enough. */
export function firing({ expression, minutes }: Alert, series: Series[], minute: number): Labels[] {
  const samplesAt = evaluate(expression, series);
  const labelsAt = (when: number) => samplesAt(when).map(({ labels }) => labels);
  const held = Array.from({ length: minutes }, (_, at) => new Set(labelsAt(minute - at - 1).map(textOf)));
  return labelsAt(minute).filter((labels) => held.every((before) => before.has(textOf(labels))));
}

function textOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** The series of scrapes, one a minute, as Prometheus keeps them. */
export function seriesOf(scrapes: Scrape[], target: Labels): Series[] {
  const all = new Map<string, Series>();
  for (const [minute, { values }] of scrapes.entries()) {
    for (const [key, value] of values) {
      let series = all.get(key);
      if (!series) {
        const [, name = '', labels = ''] = /^([^{]+)(?:\{(.*)\})?$/s.exec(key) ?? [];
        const pairs = labels.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? [];
        const own = pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)) as [string, string][];
        const parsed = own.map(([label, text]) => [label, JSON.parse(text) as string]);
        series = { name, labels: { ...target, ...Object.fromEntries(parsed) }, values: [] };
        all.set(key, series);
      }
      series.values[minute] = value;
    }
  }
  return [...all.values()];
}
