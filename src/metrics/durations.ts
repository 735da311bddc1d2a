/** The upper bounds of the buckets in seconds. */
const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const NAME = 'pict_repo_http_request_duration_seconds';
const HELP =
  'Duration of answered requests, by operationId (none: not an operation of the API). A pop includes its waiting time.';

interface Series {
  labels: string;
  /** How many were in each bucket, and last those above all bounds. */
  counts: number[];
  sum: number;
}

/**
 * The histogram of the durations of requests. That of prom-client takes as long for an observation as several other
 * steps of a request together, because it checks and joins the labels each time.
 */
export class RequestDurations {
  /** By operation and method, and in each list by the first digit of the status. */
  readonly #series = new Map<string, Map<string, Series[]>>();

  observe(operation: string, method: string, status: number, seconds: number): void {
    const series = this.#seriesOf(operation, method, Math.floor(status / 100));
    let bucket = 0;
    while (seconds > (BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += seconds;
  }

  /** In the text format of Prometheus. */
  text(): string {
    const lines = [`# HELP ${NAME} ${HELP}`, `# TYPE ${NAME} histogram`];
    for (const byMethod of this.#series.values()) {
      // flatMap passes over statuses that were never answered.
      for (const all of byMethod.values()) lines.push(...all.flatMap(linesOf));
    }
    return `${lines.join('\n')}\n`;
  }

  #seriesOf(operation: string, method: string, status: number): Series {
    const byMethod = this.#series.get(operation) ?? new Map<string, Series[]>();
    const all = byMethod.get(method) ?? [];
    const known = all[status];
    if (known) return known;
    const labels = `operation="${operation}",method="${method}",status="${status}xx"`;
    const series = { labels, counts: Array.from({ length: BOUNDS.length + 1 }, () => 0), sum: 0 };
    all[status] = series;
    this.#series.set(operation, byMethod.set(method, all));
    return series;
  }
}

function linesOf({ labels, counts, sum }: Series): string[] {
  let count = 0;
  const buckets = [...BOUNDS, '+Inf'].map((bound, at) => {
    count += counts[at] ?? 0;
    return `${NAME}_bucket{le="${bound}",${labels}} ${count}`;
  });
  return [...buckets, `${NAME}_sum{${labels}} ${sum}`, `${NAME}_count{${labels}} ${count}`];
}
