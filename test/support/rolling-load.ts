import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './request.js';

const PUSHERS = 3;
const WORKERS = 5;
const HASHES = 200;
/** Of each client that pushes, creates or streams: enough to meet each moment of a restart. */
const PAUSE_MS = 100;

/** Clients that never try again: what fails is noted. */
export class RollingLoad {
  readonly pushed = new Set<string>();
  readonly completed = new Set<string>();
  readonly failures: string[] = [];
  /** Jobs that were handed out. */
  deliveries = 0;
  /** Streams that came whole. */
  streams = 0;
  readonly #base: string;
  /** Polls that still wait when all is done. */
  readonly #end = new AbortController();
  readonly #agent = new Agent({ keepAlive: true });
  #stopped = false;

  constructor(base: string) {
    this.#base = `${base}/v1`;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Until it is stopped and all jobs are done, or one request has failed. */
  async run(): Promise<void> {
    const pushing = Promise.all(Array.from({ length: PUSHERS }, () => this.#push()));
    let isPushed = false;
    const isDone = (): boolean => {
      const done = this.failures.length > 0 || (isPushed && this.completed.size === this.pushed.size);
      if (done) this.#end.abort();
      return done;
    };
    const working = Array.from({ length: WORKERS }, (_, at) => this.#work(`worker-${at}`, isDone));
    const others = [this.#create(), this.#stream()];
    await pushing;
    isPushed = true;
    await Promise.all([...working, ...others]);
    this.#agent.destroy();
  }

  get #isOver(): boolean {
    return this.#stopped || this.failures.length > 0;
  }

  async #push(): Promise<void> {
    while (!this.#isOver) {
      const job = await this.#ask('POST', '/queues/rolling/jobs', { job: 1 });
      if (job) this.pushed.add(JSON.parse(job).id);
      await sleep(PAUSE_MS);
    }
  }

  /** With polls that would outlast the delay in which a replica drains. */
  async #work(worker: string, isDone: () => boolean): Promise<void> {
    let leases: string[] = [];
    while (!isDone()) {
      const body = { worker_id: worker, wait_seconds: 2, completed: leases };
      const answer = await this.#ask('POST', '/queues/rolling/pop', body);
      if (answer === undefined) return;
      const { jobs, completed = [] } = JSON.parse(answer);
      for (const { lease, outcome } of completed) {
        if (outcome === 'completed') this.completed.add(lease.split('.')[0]);
        else this.failures.push(`${lease}: ${outcome}`);
      }
      leases = jobs.map(({ lease }: { lease: string }) => lease);
      this.deliveries += leases.length;
    }
  }

  async #create(): Promise<void> {
    for (let at = 0; !this.#isOver; at++) {
      const hash = (at % HASHES).toString(16).padStart(4, '0');
      await this.#ask('PUT', `/hashes/${hash}`, { identifier: hash });
      await sleep(PAUSE_MS);
    }
  }

  async #stream(): Promise<void> {
    while (!this.#isOver) {
      const text = await this.#ask('GET', '/hashes');
      if (text?.trimEnd().split('\n').at(-1)?.startsWith('{"end":true')) this.streams++;
      else this.failures.push('a stream was cut');
      await sleep(PAUSE_MS);
    }
  }

  /** The text of a success. */
  async #ask(method: string, path: string, body?: object): Promise<string | undefined> {
    const { signal } = this.#end;
    try {
      const { status, text } = await send(this.#base + path, this.#agent, {
        method,
        headers: body ? { 'content-type': 'application/json' } : {},
        body: body && JSON.stringify(body),
        signal,
      });
      if (status < 300) return text;
      this.failures.push(`${method} ${path}: ${status} ${text}`);
    } catch (error) {
      if (signal.aborted) return undefined;
      this.failures.push(`${method} ${path}: ${error}`);
    }
    return undefined;
  }
}
