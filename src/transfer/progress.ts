export interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** How often progress is shown: on a terminal, or in a log. */
export function progressIntervalMs({ isTTY }: Output): number {
  return isTTY ? 250 : 5000;
}

/**
 * Shows the progress of a transfer. On a terminal it is one line that is overwritten; otherwise it is a line of JSON
 * every few seconds.
 */
export class Progress {
  readonly #output: Output;
  readonly #total: number;
  readonly #now: () => number;
  readonly #beganAt: number;
  #shownAt: number;
  #stage = '';
  #done = 0;

  /**
   * @param total rows of all stages; 0 if unknown
   * @param now a clock in milliseconds
   */
  constructor(total: number, output: Output, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#output = output;
    this.#now = now;
    this.#beganAt = now();
    this.#shownAt = this.#beganAt;
  }

  begin(stage: string): void {
    this.#stage = stage;
    this.advance(0);
  }

  advance(rows: number): void {
    this.#done += rows;
    if (this.#now() - this.#shownAt > progressIntervalMs(this.#output)) this.#show();
  }

  /** Removes the line from the terminal. */
  end(): void {
    if (this.#output.isTTY) this.#output.write('\r\x1b[K');
    else this.#show();
  }

  #show(): void {
    this.#shownAt = this.#now();
    const seconds = (this.#now() - this.#beganAt) / 1000;
    const rate = Math.round(this.#done / Math.max(seconds, 0.001));
    const left = rate > 0 ? Math.max(0, Math.round((this.#total - this.#done) / rate)) : undefined;
    const remaining = this.#total > 0 ? left : undefined;
    if (!this.#output.isTTY) {
      const line = {
        time: new Date().toISOString(),
        stage: this.#stage,
        rows: this.#done,
        ...(this.#total > 0 && { of: this.#total }),
        rows_per_second: rate,
        ...(remaining !== undefined && { remaining_seconds: remaining }),
      };
      this.#output.write(`${JSON.stringify(line)}\n`);
      return;
    }
    const number = (value: number): string => value.toLocaleString('en-US');
    const of = this.#total > 0 ? ` of ${number(this.#total)}` : '';
    const rest = remaining === undefined ? '' : `, ${durationOf(remaining)} left`;
    this.#output.write(`\r\x1b[K${this.#stage}: ${number(this.#done)}${of} rows, ${number(rate)}/s${rest}`);
  }
}

function durationOf(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
