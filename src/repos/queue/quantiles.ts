/** Durations up to this count as 0. */
const LEAST_SECONDS = 0.0005;
/** Buckets for each doubling: a quantile is at most a fifth too large. */
const STEPS = 4;

/** How the durations of a minute are distributed, in buckets that grow by a fifth. */
export class Quantiles {
  #counts: Map<number, number> | undefined;
  #total = 0;
  /** The quantiles of a minute that is over. */
  readonly #closed = new Map<number, number | null>();

  add(seconds: number): void {
    const bucket = seconds <= LEAST_SECONDS ? 0 : Math.ceil(Math.log2(seconds / LEAST_SECONDS) * STEPS);
    this.#counts ??= new Map();
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total++;
  }

  /** The duration that this part of the runs did not exceed, in seconds; null if there was none. */
  at(part: 0.5 | 0.99): number | null {
    const closed = this.#closed.get(part);
    if (closed !== undefined) return closed;
    if (!this.#counts) return null;
    let left = Math.ceil(this.#total * part);
    for (const [bucket, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      left -= count;
      if (left <= 0) return bucket === 0 ? 0 : Number((LEAST_SECONDS * 2 ** (bucket / STEPS)).toPrecision(3));
    }
    return null;
  }

  /** No more durations will come: only the quantiles that are asked for are kept. */
  close(): void {
    if (!this.#counts) return;
    for (const part of [0.5, 0.99] as const) this.#closed.set(part, this.at(part));
    this.#counts = undefined;
  }
}
