import type * as Schemas from '../generated/schemas.js';

/** A job that the worker has popped. It is not checked that what was pushed is a `Payload`. */
export interface Job<Payload = unknown> extends Omit<Schemas.Job, 'job'> {
  /** What was pushed. */
  job: Payload;
}

/**
 * Runs a job. If it returns, the job is completed. If it throws, the run has failed, and the job is tried again later.
 * What it returns is sent only if it is a `JobResult`. The signal is aborted when it makes no sense to go on, and its
 * `reason` says why: `LeaseLost`, `JobCancelled`, `RanTooLong` or `WorkerStopping`.
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

/** How a run ended whose job is not completed. */
export interface FailedRunEnd extends RunEnd {
  /**
   * What the handler threw, or why the worker stopped waiting for it: `LeaseLost`, `RanTooLong` or `WorkerStopping`.
   */
  error: unknown;
}

export interface WorkOptions<Payload = unknown> {
  /** How many jobs run at a time, 1 to 10,000; by default 1. One pop at a time requests jobs for all of them. */
  concurrency?: number | undefined;
  /**
   * The name of the worker. With a name that stays the same when the process is started again, and that no other
   * process has, the worker takes back at its start the jobs that it had when it crashed. Otherwise those jobs come
   * back when their leases expire.
   */
  workerId?: string | undefined;
  /**
   * The length of a lease in seconds, 1 to 43,200: if the service hears nothing of a job for so long, it gives the job
   * to another worker. By default the push or the service's configuration decides. The lease is extended while the
   * handler runs.
   */
  leaseSeconds?: number | undefined;
  /**
   * How many seconds a handler may run. Then its signal is aborted, the lease is no longer extended, and the run has
   * failed. Without it a handler that never settles keeps its job for ever, unless the job's own `max_run_seconds` ends
   * the run.
   */
  maxRunSeconds?: number | undefined;
  /** How many seconds a pop waits for a job, 0 to 55; by default the service's configuration decides (20). */
  waitSeconds?: number | undefined;
  /** How many seconds running jobs may go on after a stop, 0 or more; by default 30. */
  graceSeconds?: number | undefined;
  /** Stops the worker: it takes no more jobs, finishes those that run, and `work` resolves. */
  signal?: AbortSignal | undefined;
  /** Called for each error, with the job if it is about one. The worker goes on, even if this function throws. */
  onError?: ((error: unknown, job?: Job<Payload>) => Promise<unknown> | unknown) | undefined;
  /** Called for each job before its handler. `onDone` or `onFailed` follows. */
  onStart?: ((job: Job<Payload>) => Promise<unknown> | unknown) | undefined;
  /** Called for each job whose handler has returned, before its completion is sent. */
  onDone?: ((job: Job<Payload>, end: RunEnd) => Promise<unknown> | unknown) | undefined;
  /** Called for each job that ended otherwise: it failed, its lease was lost, or it is given back at a stop. */
  onFailed?: ((job: Job<Payload>, end: FailedRunEnd) => Promise<unknown> | unknown) | undefined;
}

/** What the parts of a worker share. */
export interface Worker {
  queue: string;
  id: string;
  handler: Handler;
  /** If it is undefined, the push or the service decides. The same holds for the next two. */
  leaseSeconds: number | undefined;
  maxRunSeconds: number | undefined;
  waitSeconds: number | undefined;
  /** Aborted when the worker must take no more jobs. */
  stop: AbortSignal;
  /** Aborted when the running jobs must end too. */
  graceOver: AbortSignal;
  concurrency: number;
  /** These never throw. */
  onError: (error: unknown, job?: Job) => void;
  onStart: (job: Job) => void;
  onDone: (job: Job, end: RunEnd) => void;
  onFailed: (job: Job, end: FailedRunEnd) => void;
  /** Whether the service has answered yet, which shows that the address is right. */
  hasBeenAnswered: boolean;
}
