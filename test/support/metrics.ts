import assert from 'node:assert/strict';

/** What one scrape says: values by `name{label="value",…}`, the labels in the order of their names. */
export class Scrape {
  readonly values = new Map<string, number>();
  readonly names = new Set<string>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [, kind, name = ''] = /^# (HELP|TYPE) (\S+) ./.exec(line) ?? [];
      if (kind !== undefined) this.names.add(name);
      if (line === '' || line.startsWith('#')) continue;
      const [, series = '', labels = '', value] = /^([a-z_:]\w*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
      assert.ok(value, `not a line of the format: ${line}`);
      const base = series.replace(/_(bucket|sum|count)$/, '');
      assert.ok(this.names.has(series) || this.names.has(base), `${series} has no type`);
      this.values.set(keyOf(series, labels.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? []), Number(value));
    }
  }

  /** Zero where there is no such series: a counter that has not begun. */
  get(name: string, labels: Record<string, string> = {}): number {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return this.values.get(keyOf(name, pairs)) ?? 0;
  }

  /** The series of a metric. */
  seriesOf(name: string): string[] {
    return [...this.values.keys()].filter((key) => key === name || key.startsWith(`${name}{`));
  }
}

function keyOf(name: string, pairs: string[]): string {
  return pairs.length === 0 ? name : `${name}{${[...pairs].sort().join(',')}}`;
}

export async function scrape(base: string): Promise<Scrape> {
  const response = await fetch(`${base}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return new Scrape(await response.text());
}
