/**
 * A series of a histogram. That of prom-client takes as long for an observation as several other steps of a request
 * together, because it checks and joins the labels each time.
 */
export class Buckets {
  readonly #bounds: readonly number[];
  /** How many were in each bucket, and last those above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds the upper bounds of the buckets */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** In the text format of Prometheus. @param labels joined by commas; none is the empty text */
  lines(name: string, labels: string): string[] {
    let count = 0;
    const all = labels === '' ? '' : `{${labels}}`;
    const buckets = [...this.#bounds, '+Inf'].map((bound, at) => {
      count += this.#counts[at] ?? 0;
      return `${name}_bucket{le="${bound}"${labels === '' ? '' : `,${labels}`}} ${count}`;
    });
    return [...buckets, `${name}_sum${all} ${this.#sum}`, `${name}_count${all} ${count}`];
  }
}

/** The two lines before the series of a histogram. */
export function headOf(name: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
}
