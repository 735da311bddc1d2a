import type { components } from '../generated/schema.js';

/** A job in a worker's hands. `job` is what was pushed. */
export type Job = components['schemas']['Job'];

/**
 * Does a job. To return is to have done it; to throw is to have failed, and the job is tried again later.
 * The signal is aborted where there is no use in going on, its `reason` saying why: `LeaseLost`, `JobCancelled`,
 * `RanTooLong` or `WorkerStopping`.
 */
export type Handler = (job: Job, signal: AbortSignal) => Promise<unknown> | unknown;

export interface WorkOptions {
  /** How many jobs at a time, 1 to 10,000; 1. */
  concurrency?: number;
  /**
   * Who works. Give one that outlives the process, and no other process has, and the worker takes back at its
   * start what it held when it crashed. Otherwise those jobs come back when their leases run out.
   */
  workerId?: string;
  /**
   * How long a job may go unheard of before it is another's, 1 to 43,200; by default what its push says, or the service. It
   * is extended while the handler runs.
   */
  leaseSeconds?: number;
  /**
   * How long a handler may run: then its signal is aborted, the lease is not extended any more, and the run has failed.
   * Without it a handler that never settles keeps its job for ever, unless the job's own `max_run_seconds` ends it.
   */
  maxRunSeconds?: number;
  /** How long a poll waits for a job, 0 to 55; by default what the service says (20). */
  waitSeconds?: number;
  /** How long jobs may go on after a stop, 0 or more; 30. */
  graceSeconds?: number;
  /** Stops the worker: it takes no more jobs, finishes those it has, and `work` resolves. */
  signal?: AbortSignal;
  /** Hears of what goes wrong; with the job, where it is about one. The worker goes on, even if this throws. */
  onError?: (error: unknown, job?: Job) => Promise<unknown> | unknown;
}

/** What the parts of a worker share. */
export interface Worker {
  queue: string;
  id: string;
  handler: Handler;
  /** Undefined leaves it to the push and the service; so do the next two. */
  leaseSeconds: number | undefined;
  maxRunSeconds: number | undefined;
  waitSeconds: number | undefined;
  /** Take no more jobs. */
  stop: AbortSignal;
  /** Stop also what runs. */
  graceOver: AbortSignal;
  /** Never throws. */
  onError: (error: unknown, job?: Job) => void;
  /** The service has been heard: the address is right. */
  hasBeenAnswered: boolean;
}
