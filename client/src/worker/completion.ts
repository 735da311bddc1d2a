import { ProblemError } from '../errors.js';
import type { Completions, Done, Leases } from '../generated/schemas.js';
import { leaseSecondsOf } from './lease.js';
import type { Job, Worker } from './options.js';
import { LeaseLost } from './reasons.js';
import type { JobResult } from './result.js';

export type DoneLease = Leases['leases'][number];

/** What the service answers in the end. `gone`: an earlier request has completed the job, and its answer was lost. */
export type Outcome = Exclude<Completions['results'][number]['outcome'], 'contended'>;

/**
 * The completion of a job, until the service has acknowledged it. The next pop carries it, but the answer of the pop
 * may come late, because the pop waits for a job, or be lost. So at the time when the lease would have to be extended,
 * reporter.ts begins to send it too. Of two requests the second is answered with `gone`.
 */
export class Completion {
  readonly lease: string;
  readonly job: Job;
  readonly leaseSeconds: number;
  /** When the lease would have to be extended. */
  readonly due: number;
  readonly #worker: Worker;
  #result: Done;
  #isAcknowledged = false;
  #reporting = new AbortController();

  constructor(worker: Worker, job: Job, { due, result }: { due: number; result: JobResult | undefined }) {
    this.lease = job.lease;
    this.job = job;
    this.leaseSeconds = leaseSecondsOf(worker, job);
    this.due = due;
    this.#worker = worker;
    this.#result = result === undefined ? {} : { result: result.value };
  }

  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  /** The lease, with the result of the job if it has one. */
  get doneLease(): DoneLease {
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

  /** Ends earlier reports. The signal is aborted when the completion need not be reported any more. */
  startReporting(): AbortSignal {
    this.stopReporting();
    if (!this.#isAcknowledged) this.#reporting = new AbortController();
    return this.#reporting.signal;
  }

  stopReporting(): void {
    this.#reporting.abort();
  }

  acknowledge(outcome: Outcome): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    this.stopReporting();
    if (outcome !== 'lost') return;
    this.#worker.onError(new LeaseLost(`Job ${this.job.id} was completed too late.`), this.job);
  }
}
