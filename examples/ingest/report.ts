import type { Uploaded, What } from './upload.js';

const ORDER: What[] = ['files', 'hashes', 'details', 'aliases', 'jobs'];

/** Counts, shows how far it is on stderr while it runs, and says on stdout what was done. */
export class Report {
  readonly #total: number;
  readonly #counts = new Map<What, { created: number; there: number }>();
  readonly #broken: string[] = [];
  readonly #failed: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #images = 0;
  #duplicates = 0;
  #others = 0;

  constructor(total: number) {
    this.#total = total;
    this.#timer = setInterval(() => this.#showProgress(), process.stderr.isTTY ? 100 : 5000);
  }

  uploaded(uploaded: Uploaded): void {
    this.#images += 1;
    for (const name of ORDER) {
      const outcome = uploaded[name];
      if (!outcome) continue;
      const count = this.#counts.get(name) ?? { created: 0, there: 0 };
      count[outcome.created ? 'created' : 'there'] += 1;
      this.#counts.set(name, count);
    }
  }

  duplicate(): void {
    this.#duplicates += 1;
  }

  notAnImage(): void {
    this.#others += 1;
  }

  broken(path: string, reason: string): void {
    this.#broken.push(`${path}: ${reason}`);
  }

  failed(path: string, code: string, reason: string): void {
    this.#failed.push(`${path}: ${code}: ${reason}`);
  }

  /** Prints the whole, and says whether all went well. */
  end(): boolean {
    clearInterval(this.#timer);
    this.#showProgress();
    if (process.stderr.isTTY) process.stderr.write('\n');
    const untried = this.#total - this.#done;
    const lines = [
      row('', 'created', 'was there'),
      ...[...this.#counts].map(([name, { created, there }]) => row(name, created, there)),
      '',
      row('images', this.#images),
      row('duplicates', this.#duplicates),
      row('not images', this.#others),
      row('broken', this.#broken.length),
      ...this.#broken.sort().map((line) => `  ${line}`),
      row('failed', this.#failed.length),
      ...this.#failed.sort().map((line) => `  ${line}`),
      ...(untried > 0 ? [row('not tried', untried)] : []),
    ];
    console.log(lines.join('\n'));
    return this.#failed.length === 0 && untried === 0;
  }

  get #done(): number {
    return this.#images + this.#duplicates + this.#others + this.#broken.length + this.#failed.length;
  }

  #showProgress(): void {
    const line = `${this.#done} of ${this.#total} files, ${this.#failed.length} failed`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
  }
}

function row(name: string, ...values: (number | string)[]): string {
  return name.padEnd(10) + values.map((value) => String(value).padStart(11)).join('');
}
