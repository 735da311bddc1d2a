import { onAbort } from '../abort.js';
import { isFinal } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import type { Completions, PoppedJobs } from '../generated/schemas.js';
import { jitter, persist, sleep } from '../retry.js';
import type { Completion } from './completion.js';
import { contended } from './gathered.js';
import { withinGrace } from './grace.js';
import { type Heartbeats, heartbeatsOf } from './heartbeats.js';
import type { Job, Worker } from './options.js';
import { Reporter } from './reporter.js';
import { giveBack, runJob } from './run.js';

/** What the service takes in one request, jobs and leases alike. */
const LARGEST_POP = 1000;
const LAST_POP_RETRIES = 5;
/** If an empty answer comes within this time, the pop did not wait: the service is stopping, or may not let it wait. */
const QUICK_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/**
 * Gets jobs for all free places of a worker by one pop at a time. A pop carries the completions of jobs that ended
 * before it. Those of jobs that end while a pop waits are reported at once, several in one request.
 */
export class Popper {
  readonly #repo: PictRepo;
  readonly #worker: Worker;
  readonly #reporter: Reporter;
  readonly #heartbeats: Heartbeats;
  readonly #running = new Set<Promise<void>>();
  /** The completions that the service has not acknowledged. */
  #unacknowledged: Completion[] = [];
  /** The key of a pop whose answer may have been lost, with jobs in it. */
  #lostKey: string | undefined;
  /** Called when a place becomes free, if all were taken. The next pop then follows at once. */
  #onFreePlace: (() => void) | undefined;

  constructor(repo: PictRepo, worker: Worker) {
    this.#repo = repo;
    this.#worker = worker;
    this.#reporter = new Reporter(repo, worker);
    this.#heartbeats = heartbeatsOf(repo, worker);
  }

  /** Runs until the stop. Rejects if it makes no sense to go on. */
  async run(): Promise<void> {
    const { stop } = this.#worker;
    for (let quick = 0; !stop.aborted; ) {
      const free = await this.#freePlaces();
      if (stop.aborted) return;
      const asked = performance.now();
      const popped = await this.#pop(free);
      if (!popped) return;
      this.#acknowledge(popped.completed ?? []);
      for (const job of popped.jobs) this.#start(job, asked);
      const isQuick = popped.jobs.length === 0 && performance.now() - asked < QUICK_MS;
      const ms = Math.max(
        isQuick ? jitter(quick, LONGEST_PAUSE_MS) : 0,
        1000 * (popped.retry_after_seconds ?? 0),
      );
      quick = isQuick ? quick + 1 : 0;
      if (ms > 0) await sleep(ms, stop).catch(() => {});
    }
  }

  /** After the stop: takes no jobs, waits for the running ones, and reports those that are done. */
  async end(): Promise<void> {
    const reports = this.#unacknowledged.map((completion) => this.#reporter.reportAtEnd(completion));
    await Promise.all([this.#popLast(), ...reports, ...this.#running]);
    this.#reporter.end();
    this.#heartbeats.end();
  }

  /** How many jobs a pop may ask for: at least one, unless the worker is stopped. */
  async #freePlaces(): Promise<number> {
    const { concurrency, stop } = this.#worker;
    if (this.#running.size >= concurrency) {
      await new Promise<void>((resolve) => {
        const unfollow = onAbort(stop, resolve);
        this.#onFreePlace = () => {
          unfollow();
          resolve();
        };
      });
      this.#onFreePlace = undefined;
    }
    return Math.min(LARGEST_POP, concurrency - this.#running.size);
  }

  #start(job: Job, asked: number): void {
    const run = async (): Promise<void> => {
      const completion = await runJob(this.#repo, this.#heartbeats, this.#worker, job, asked);
      this.#running.delete(running);
      if (this.#worker.stop.aborted) return await (completion && this.#reporter.reportAtEnd(completion));
      if (completion) {
        this.#unacknowledged.push(completion);
        void this.#reporter.reportUntilAcknowledged(completion, this.#onFreePlace === undefined);
      }
      this.#onFreePlace?.();
    };
    const running = run();
    this.#running.add(running);
  }

  /** Repeats the pop while the service cannot be reached; its key makes it one pop. Resolves to undefined at a stop. */
  async #pop(free: number): Promise<PoppedJobs | undefined> {
    const { queue, waitSeconds, stop: signal, onError } = this.#worker;
    const key = crypto.randomUUID();
    const wait = waitSeconds === undefined ? {} : { wait_seconds: waitSeconds };
    const max = free === 1 ? {} : { max: free };
    const body = { ...this.#bodyOf(key), ...wait, ...max };
    const once = () => {
      const completed = this.#toReport().map(({ doneLease }) => doneLease);
      const more = completed.length > 0 ? { completed } : {};
      return this.#repo.queue.pop({ queue }, { ...body, ...more }, { signal, retries: 0 });
    };
    const goesOn = (error: unknown) =>
      !isFinal(error, this.#worker.hasBeenAnswered) || this.#dropResults(error);
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
   * After a pop that was broken off. Its answer may have been on its way, with jobs that would now wait until their
   * leases expire. A pop with the same key gets the same jobs, and they are given back.
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

  /** What the caller has not set, the push or the service decides. */
  #bodyOf(key: string) {
    const { id, leaseSeconds } = this.#worker;
    const lease = leaseSeconds === undefined ? {} : { lease_seconds: leaseSeconds };
    return { worker_id: id, idempotency_key: key, ...lease };
  }

  #acknowledge(results: Completions['results']): void {
    const outcomes = new Map(results.map(({ lease, outcome }) => [lease, outcome]));
    for (const completion of this.#toReport()) {
      const outcome = outcomes.get(completion.lease);
      if (outcome === 'contended') {
        this.#worker.onError(contended(), completion.job);
        // The next pop may come much later.
        void this.#reporter.reportUntilAcknowledged(completion, true);
      } else if (outcome) completion.acknowledge(outcome);
    }
    this.#unacknowledged = this.#unacknowledged.filter(({ isAcknowledged }) => !isAcknowledged);
  }

  /** Whether a request that was refused with this error may be accepted without the results of its jobs. */
  #dropResults(error: unknown): boolean {
    return this.#toReport().filter((completion) => completion.dropResult(error)).length > 0;
  }

  #toReport(): Completion[] {
    return this.#unacknowledged.filter(({ isAcknowledged }) => !isAcknowledged).slice(0, LARGEST_POP);
  }
}
