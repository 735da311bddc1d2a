import { isFinal, isProblem, ProblemError } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import type { Done, Leases } from '../generated/schemas.js';
import { persist } from '../retry.js';
import { withinGrace } from './grace.js';
import { comes, leaseSecondsOf, pauseWithin, trySeconds } from './lease.js';
import type { Job, Worker } from './options.js';
import { LeaseLost } from './reasons.js';
import type { JobResult } from './result.js';

export type DoneLease = Leases['leases'][number];

/**
 * That a job is done, until it is heard that the service knows. The next pop carries it, whose answer can be long in
 * coming: it waits for a job, or gets lost. So when the lease would have to be extended the job is completed by a
 * request of its own, again and again. What comes second is told that the job is gone.
 */
export class Completion {
  readonly lease: string;
  readonly #repo: PictRepo;
  readonly #worker: Worker;
  readonly #job: Job;
  readonly #leaseSeconds: number;
  #result: Done;
  readonly #insisting = new AbortController();
  #isHeard = false;

  /** @param how `due`: when the lease would have to be extended */
  constructor(
    repo: PictRepo,
    worker: Worker,
    job: Job,
    { due, result }: { due: number; result: JobResult | undefined },
  ) {
    this.lease = job.lease;
    this.#result = result === undefined ? {} : { result: result.value };
    this.#repo = repo;
    this.#worker = worker;
    this.#job = job;
    this.#leaseSeconds = leaseSecondsOf(worker, job);
    void this.#insist(due, this.#insisting.signal);
  }

  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** The lease, with the result of the job if it has one. */
  get said(): DoneLease {
    return 'result' in this.#result ? { lease: this.lease, ...this.#result } : this.lease;
  }

  /**
   * A service of an earlier version refuses results. The job is done all the same, so it is completed without one.
   *
   * @returns whether another try may succeed
   */
  dropResult(error: unknown): boolean {
    const isRefused = error instanceof ProblemError && error.excerpt === undefined && error.status === 400;
    if (!isRefused || !('result' in this.#result)) return false;
    this.#result = {};
    return true;
  }

  /** What the service says of it. `gone`: completed before, by a request that was not heard. */
  hear(outcome: 'completed' | 'gone' | 'lost'): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    this.#insisting.abort();
    if (outcome !== 'lost') return;
    this.#worker.onError(new LeaseLost(`Job ${this.#job.id} was completed too late.`), this.#job);
  }

  /** Where no pop follows that would carry it. */
  async sayAtEnd(): Promise<void> {
    this.#insisting.abort();
    if (this.#isHeard) return;
    const worker = this.#worker;
    const onRetry = (error: unknown) => worker.onError(error, this.#job);
    const goesOn = (error: unknown) => !isFinal(error, true) || this.dropResult(error);
    try {
      await withinGrace(worker, (signal) => persist(() => this.#say(signal), { goesOn, signal, onRetry }));
    } catch (cause) {
      const message = `Job ${this.#job.id} is done, but the service was not heard to know: it may be done again.`;
      worker.onError(new Error(message, { cause }), this.#job);
    }
  }

  async #insist(due: number, signal: AbortSignal): Promise<void> {
    let next = due;
    for (let failures = 0; await comes(next, signal); failures += 1) {
      try {
        await this.#say(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#worker.onError(error, this.#job);
        if (isFinal(error, true) && !this.dropResult(error)) return;
        next = performance.now() + pauseWithin(this.#leaseSeconds, failures);
      }
    }
  }

  async #say(signal: AbortSignal): Promise<void> {
    const options = { signal, retries: 0, timeoutSeconds: trySeconds(this.#leaseSeconds) };
    try {
      await this.#repo.queue.complete({ lease: this.lease }, this.#result, options);
      this.hear('completed');
    } catch (error) {
      if (!isProblem(error, 'lease_lost')) throw error;
      this.hear(error.state === 'gone' ? 'gone' : 'lost');
    }
  }
}
