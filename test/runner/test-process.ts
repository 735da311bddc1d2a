import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { codeOf } from '../../src/embedded-postgres/error.js';
import { END, type Left, type Report, type Uncaught } from './messages.js';
import { FileRun, type Results } from './results.js';

/** Until the first test begins. */
const START_MS = 120_000;
/** As in `tests 12`. */
const COUNT = /^\w+ [\d.]+$/;

export interface TestFile {
  /** In the report. */
  name: string;
  /** Of the compiled file. */
  path: string;
}

interface ProcessOptions {
  env: NodeJS.ProcessEnv;
  /** Kills it. */
  signal: AbortSignal;
  /** A process that reports nothing for so long hangs, and is killed. */
  silenceMs: number;
}

/** Runs waiting files one after the other in a process of their own, until there are none, or it ends. */
export class TestProcess {
  readonly #waiting: TestFile[];
  readonly #results: Results;
  readonly #child: ChildProcess;
  readonly #silenceMs: number;
  #watch: NodeJS.Timeout;
  #file: FileRun | undefined;
  #last = '';

  constructor(waiting: TestFile[], results: Results, { env, signal, silenceMs }: ProcessOptions) {
    this.#silenceMs = silenceMs;
    this.#waiting = waiting;
    this.#results = results;
    this.#child = fork(join(import.meta.dirname, 'worker.js'), {
      execArgv: [
        '--enable-source-maps',
        // Young objects are collected seldom, and not by threads of which each would wait for a core.
        '--min-semi-space-size=32',
        '--max-semi-space-size=64',
        '--single-threaded-gc',
        `--import=${new URL('./tracking.js', import.meta.url)}`,
        `--test-reporter=${join(import.meta.dirname, 'reporter.js')}`,
      ],
      env,
      serialization: 'advanced',
      // A group of its own, in which its children are.
      detached: true,
    });
    signal.addEventListener('abort', () => this.#kill(), { once: true });
    this.#watch = this.#limit(START_MS);
  }

  async run(): Promise<void> {
    this.#child.on('message', (message: Report | Left | Uncaught) => {
      clearTimeout(this.#watch);
      this.#watch = this.#limit(this.#silenceMs);
      this.#take(message);
    });
    this.#next();
    const how = await new Promise<string>((resolve) => {
      this.#child.on('error', (error) => resolve(error.message));
      this.#child.on('exit', (code, signal) => resolve(code === 0 ? '' : `ended by ${signal ?? code}`));
    });
    // Messages may come after the exit, and each begins the time anew.
    if (this.#child.connected) await once(this.#child, 'disconnect');
    clearTimeout(this.#watch);
    if (this.#file) this.#fail(how || 'ended too early');
    else if (how && !this.#results.hasFailed) this.#results.fail(`the process of ${this.#last}: ${how}`);
  }

  #limit(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#fail(`reports nothing for ${ms / 1000} s`);
      this.#file = undefined;
      this.#kill();
    }, ms);
  }

  /** With the services that it has started, which would not notice. */
  #kill(): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }

  get #name(): string {
    return this.#file?.name ?? this.#last;
  }

  #next(): void {
    const file = this.#waiting.shift();
    this.#file = file && new FileRun(file.name, this.#results);
    this.#child.send(file?.path ?? END);
  }

  #take(message: Report | Left | Uncaught): void {
    if (message.kind === 'left') {
      this.#results.fail(`${this.#last} leaves ${message.what.join(', ')}`);
    } else if (message.kind === 'uncaught') {
      this.#fail(`an error that no test has caught: ${message.error}`);
      this.#file = undefined;
    } else if (message.kind === 'noted' && message.nesting === 0) {
      // Beside node's own counts it is that something failed after its test had ended.
      if (!COUNT.test(message.message)) this.#results.fail(`${this.#name}: ${message.message}`);
    } else if (this.#file?.add(message)) {
      this.#last = this.#file.name;
      this.#next();
    }
  }

  #fail(how: string): void {
    this.#file?.print();
    this.#results.fail(`${this.#name}: ${how}; running: ${this.#file?.running ?? 'no test'}`);
  }
}
