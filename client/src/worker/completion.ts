import { ProblemError } from '../errors.js';
import type { Completions, Done, Leases } from '../generated/schemas.js';
import { leaseSecondsOf } from './lease.js';
import type { Job, Worker } from './options.js';
import { LeaseLost } from './reasons.js';
import type { JobResult } from './result.js';

export type DoneLease = Leases['leases'][number];

/** What the service says of it in the end. `gone`: completed before, by a request that was not heard. */
export type Outcome = Exclude<Completions['results'][number]['outcome'], 'contended'>;

/**
 * That a job is done, until it is heard that the service knows. The next pop carries it, whose answer can be long in
 * coming: it waits for a job, or gets lost. So when the lease would have to be extended, reporter.ts begins to report it
 * too. The second request is told that the job is gone.
 */
export class Completion {
  readonly lease: string;
  readonly job: Job;
  readonly leaseSeconds: number;
  /** When the lease would have to be extended. */
  readonly due: number;
  readonly #worker: Worker;
  #result: Done;
  #isHeard = false;
  #insisting = new AbortController();

  constructor(worker: Worker, job: Job, { due, result }: { due: number; result: JobResult | undefined }) {
    this.lease = job.lease;
    this.job = job;
    this.leaseSeconds = leaseSecondsOf(worker, job);
    this.due = due;
    this.#worker = worker;
    this.#result = result === undefined ? {} : { result: result.value };
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

  /** Ends the reports that were begun before. The signal is aborted when reporting it again would be of no use. */
  insistAnew(): AbortSignal {
    this.stopInsisting();
    if (!this.#isHeard) this.#insisting = new AbortController();
    return this.#insisting.signal;
  }

  stopInsisting(): void {
    this.#insisting.abort();
  }

  hear(outcome: Outcome): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    this.stopInsisting();
    if (outcome !== 'lost') return;
    this.#worker.onError(new LeaseLost(`Job ${this.job.id} was completed too late.`), this.job);
  }
}
