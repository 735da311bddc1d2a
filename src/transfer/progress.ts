/** How often progress is shown on a terminal, and elsewhere. */
const TERMINAL_MS = 250;
const LINES_MS = 5000;

export interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Shows how far a transfer is: on a terminal in a line that is written over, elsewhere in a line of JSON every few
 * seconds.
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
   * @param total rows of all stages; 0 where nobody knows
   * @param now milliseconds of a clock
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
    const isDue = this.#now() - this.#shownAt > (this.#output.isTTY ? TERMINAL_MS : LINES_MS);
    if (isDue) this.#show();
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
