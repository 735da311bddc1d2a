import type { Report } from './messages.js';

const MARKS = { passed: '✔', failed: '✖', skipped: '﹣', todo: '⚠' };

type Ended = Extract<Report, { kind: 'ended' }>;

/** The results of all files: each file is printed when it has ended, the failures again at the end. */
export class Results {
  readonly #counts = { passed: 0, failed: 0, skipped: 0, todo: 0 };
  readonly #failures: string[] = [];
  readonly print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.print = print;
  }

  get hasFailed(): boolean {
    return this.#failures.length > 0;
  }

  add(file: string, ended: Ended): void {
    // A suite is no test, but it fails by itself where its file cannot be loaded, or a hook fails.
    if (!ended.isSuite) this.#counts[ended.outcome]++;
    else if (ended.error !== undefined) this.#counts.failed++;
    if (ended.outcome === 'failed' && ended.error !== undefined)
      this.#failures.push(`${file}: ${ended.name}\n${ended.error}`);
  }

  /** A failure that is of no test. */
  fail(what: string): void {
    this.#counts.failed++;
    this.#failures.push(what);
    this.print(`${MARKS.failed} ${what}`);
  }

  summarize(seconds: number): void {
    for (const failure of this.#failures) this.print(`\n${MARKS.failed} ${failure}`);
    const { passed, failed, skipped, todo } = this.#counts;
    const rest = [skipped > 0 ? `, ${skipped} skipped` : '', todo > 0 ? `, ${todo} to do` : ''].join('');
    this.print(`\n${passed} passed, ${failed} failed${rest} in ${seconds.toFixed(1)} s`);
  }
}

/** One file that is being run. */
export class FileRun {
  readonly name: string;
  readonly #results: Results;
  readonly #lines: string[] = [];
  readonly #running = new Set<string>();

  constructor(name: string, results: Results) {
    this.name = name;
    this.#results = results;
  }

  /** The names of the tests that have begun and not ended. */
  get running(): string {
    return [...this.#running].join(', ') || 'no test';
  }

  /** Returns whether this was the end of the file, which is the outermost suite. */
  add(report: Report): boolean {
    if (report.kind === 'noted') {
      this.#lines.push(`${'  '.repeat(report.nesting)}ℹ ${report.message}`);
      return false;
    }
    if (report.kind === 'started') {
      this.#running.add(report.name);
      return false;
    }
    const { name, nesting } = report;
    this.#running.delete(name);
    this.#results.add(this.name, report);
    const duration = `(${(report.milliseconds / 1000).toFixed(2)} s)`;
    if (nesting === 0) {
      this.#lines.unshift(`${MARKS[report.outcome]} ${this.name} ${duration}`);
      this.print();
      return true;
    }
    const slow = report.milliseconds >= 100 ? ` ${duration}` : '';
    this.#lines.push(`${'  '.repeat(nesting)}${MARKS[report.outcome]} ${name}${slow}`);
    return false;
  }

  print(): void {
    if (this.#lines.length > 0) this.#results.print(this.#lines.join('\n'));
  }
}
