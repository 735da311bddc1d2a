import type { CallResult } from '../calls.js';
import type { PictRepo } from '../client.js';
import { isFinal } from '../errors.js';
import { jitter, persist, sleep } from '../retry.js';
import type { Completion } from './completion.js';
import { withinGrace } from './grace.js';
import type { Worker } from './options.js';
import { giveBack, runJob } from './run.js';

type Popped = Awaited<CallResult<'queue.pop'>>;

const LAST_POP_RETRIES = 5;
/** An empty answer within this time was not waited for: the service is stopping, or is told not to wait. */
const QUICK_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** One of a worker's jobs at a time, until it stops: each pop completes the job before it. */
export class Slot {
  readonly #repo: PictRepo;
  readonly #worker: Worker;
  /** Of what is done, what the service has not been heard to know. */
  #unheard: Completion[] = [];
  /** The key of a pop whose answer may have been lost, and a job with it. */
  #lostKey: string | undefined;

  constructor(repo: PictRepo, worker: Worker) {
    this.#repo = repo;
    this.#worker = worker;
  }

  /** Rejects where there is no use in going on. */
  async run(): Promise<void> {
    const { stop } = this.#worker;
    for (let quick = 0; !stop.aborted; ) {
      const asked = performance.now();
      const popped = await this.#pop();
      if (!popped) return;
      this.#hear(popped);
      for (const job of popped.jobs) {
        const completion = await runJob(this.#repo, this.#worker, job, asked);
        if (completion) this.#unheard.push(completion);
      }
      const isQuick = popped.jobs.length === 0 && performance.now() - asked < QUICK_MS;
      const ms = Math.max(
        isQuick ? jitter(quick, LONGEST_PAUSE_MS) : 0,
        1000 * (popped.retry_after_seconds ?? 0),
      );
      quick = isQuick ? quick + 1 : 0;
      if (ms > 0) await sleep(ms, stop).catch(() => {});
    }
  }

  /** After the stop: nothing is taken, and what is done is said. */
  async end(): Promise<void> {
    await Promise.all([this.#popLast(), ...this.#unheard.map((completion) => completion.sayAtEnd())]);
  }

  /** For as long as the service is away; the key makes it one pop, however often it is sent. Undefined at a stop. */
  async #pop(): Promise<Popped | undefined> {
    const { queue, waitSeconds, stop: signal, onError } = this.#worker;
    const key = crypto.randomUUID();
    const wait = waitSeconds === undefined ? {} : { wait_seconds: waitSeconds };
    const body = { ...this.#bodyOf(key), ...wait };
    const once = () => {
      const completed = this.#stillUnheard();
      const more = completed.length > 0 ? { completed } : {};
      return this.#repo.queue.pop({ queue }, { ...body, ...more }, { signal, retries: 0 });
    };
    const goesOn = (error: unknown) => !isFinal(error, this.#worker.hasBeenAnswered);
    const onRetry = (error: unknown) => {
      this.#lostKey = key;
      onError(error);
    };
    try {
      const popped = await persist(once, { goesOn, signal, onRetry });
      this.#worker.hasBeenAnswered = true;
      this.#lostKey = undefined;
      return popped;
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#lostKey = key;
      return undefined;
    }
  }

  /**
   * After a pop that was broken off. Its answer may have been on its way, with a job that would now wait for its lease
   * to run out: the same key gets the same job, and it is given back.
   */
  async #popLast(): Promise<void> {
    const { queue, onError } = this.#worker;
    const key = this.#lostKey;
    if (key === undefined) return;
    const body = { ...this.#bodyOf(key), wait_seconds: 0 };
    const goesOn = (error: unknown, retries: number) => retries < LAST_POP_RETRIES && !isFinal(error, true);
    try {
      const { jobs } = await withinGrace(this.#worker, (signal) => {
        const once = () => this.#repo.queue.pop({ queue }, body, { signal, retries: 0 });
        return persist(once, { goesOn, signal, onRetry: onError });
      });
      await Promise.all(jobs.map((job) => giveBack(this.#repo, this.#worker, job)));
    } catch (error) {
      onError(error);
    }
  }

  /** What the caller has not said, the push and the service say. */
  #bodyOf(key: string) {
    const { id, leaseSeconds } = this.#worker;
    const lease = leaseSeconds === undefined ? {} : { lease_seconds: leaseSeconds };
    return { worker_id: id, idempotency_key: key, ...lease };
  }

  #hear({ completed = [] }: Popped): void {
    const outcomes = new Map(completed.map(({ lease, outcome }) => [lease, outcome]));
    for (const completion of this.#unheard) {
      const outcome = outcomes.get(completion.lease);
      if (outcome) completion.hear(outcome);
    }
    this.#unheard = this.#unheard.filter(({ isHeard }) => !isHeard);
  }

  #stillUnheard(): string[] {
    return this.#unheard.filter(({ isHeard }) => !isHeard).map(({ lease }) => lease);
  }
}
