import type * as Schemas from '../generated/schemas.js';

/** A job in a worker's hands. Nobody has checked that what was pushed is a `Payload`. */
export interface Job<Payload = unknown> extends Omit<Schemas.Job, 'job'> {
  /** What was pushed. */
  job: Payload;
}

/**
 * Does a job. To return is to have done it; to throw is to have failed, and the job is tried again later. What it
 * returns is sent only if it is a `JobResult`. The signal is aborted where there is no use in going on, its `reason`
 * saying why: `LeaseLost`, `JobCancelled`, `RanTooLong` or `WorkerStopping`.
 */
export type Handler<Payload = unknown> = (
  job: Job<Payload>,
  signal: AbortSignal,
) => Promise<unknown> | unknown;

/** How a run ended. */
export interface RunEnd {
  /** How long the handler ran. */
  seconds: number;
}

/** How a run ended that has not done its job. */
export interface FailedRunEnd extends RunEnd {
  /** What the handler threw, or why it was not waited for: `LeaseLost`, `RanTooLong` or `WorkerStopping`. */
  error: unknown;
}

export interface WorkOptions<Payload = unknown> {
  /** How many jobs at a time, 1 to 10,000; 1. All of them are asked for by one pop at a time. */
  concurrency?: number | undefined;
  /**
   * Who works. Give one that outlives the process, and no other process has, and the worker takes back at its
   * start what it held when it crashed. Otherwise those jobs come back when their leases run out.
   */
  workerId?: string | undefined;
  /**
   * How long a job may go unheard of before it is another's, 1 to 43,200; by default what its push says, or the
   * service. It is extended while the handler runs.
   */
  leaseSeconds?: number | undefined;
  /**
   * How long a handler may run: then its signal is aborted, the lease is not extended any more, and the run has failed.
   * Without it a handler that never settles keeps its job for ever, unless the job's own `max_run_seconds` ends it.
   */
  maxRunSeconds?: number | undefined;
  /** How long a poll waits for a job, 0 to 55; by default what the service says (20). */
  waitSeconds?: number | undefined;
  /** How long jobs may go on after a stop, 0 or more; 30. */
  graceSeconds?: number | undefined;
  /** Stops the worker: it takes no more jobs, finishes those it has, and `work` resolves. */
  signal?: AbortSignal | undefined;
  /** Hears of what goes wrong; with the job, where it is about one. The worker goes on, even if this throws. */
  onError?: ((error: unknown, job?: Job<Payload>) => Promise<unknown> | unknown) | undefined;
  /** Hears of each job before its handler is called. One of the next two follows. */
  onStart?: ((job: Job<Payload>) => Promise<unknown> | unknown) | undefined;
  /** Hears of each job whose handler has returned. The service is told next. */
  onDone?: ((job: Job<Payload>, end: RunEnd) => Promise<unknown> | unknown) | undefined;
  /** Hears of each job that ended otherwise: it failed, or was lost, or is given back at a stop. */
  onFailed?: ((job: Job<Payload>, end: FailedRunEnd) => Promise<unknown> | unknown) | undefined;
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
  concurrency: number;
  /** These never throw. */
  onError: (error: unknown, job?: Job) => void;
  onStart: (job: Job) => void;
  onDone: (job: Job, end: RunEnd) => void;
  onFailed: (job: Job, end: FailedRunEnd) => void;
  /** The service has been heard: the address is right. */
  hasBeenAnswered: boolean;
}
