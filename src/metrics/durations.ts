import { Buckets, headOf } from './buckets.js';

/** The upper bounds of the buckets in seconds. */
const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const NAME = 'pict_repo_http_request_duration_seconds';
const HELP =
  'Duration of answered requests, by operationId (none: not an operation of the API). A pop includes its waiting time.';

interface Series {
  labels: string;
  buckets: Buckets;
}

/** The histogram of the durations of requests. */
export class RequestDurations {
  /** By operation and method, and in each list by the first digit of the status. */
  readonly #series = new Map<string, Map<string, Series[]>>();

  observe(operation: string, method: string, status: number, seconds: number): void {
    this.#seriesOf(operation, method, Math.floor(status / 100)).buckets.observe(seconds);
  }

  /** In the text format of Prometheus. */
  text(): string {
    const lines = headOf(NAME, HELP);
    for (const byMethod of this.#series.values()) {
      // flatMap passes over statuses that were never answered.
      for (const all of byMethod.values())
        lines.push(...all.flatMap(({ labels, buckets }) => buckets.lines(NAME, labels)));
    }
    return `${lines.join('\n')}\n`;
  }

  #seriesOf(operation: string, method: string, status: number): Series {
    const byMethod = this.#series.get(operation) ?? new Map<string, Series[]>();
    const all = byMethod.get(method) ?? [];
    const known = all[status];
    if (known) return known;
    const labels = `operation="${operation}",method="${method}",status="${status}xx"`;
    const series = { labels, buckets: new Buckets(BOUNDS) };
    all[status] = series;
    this.#series.set(operation, byMethod.set(method, all));
    return series;
  }
}
