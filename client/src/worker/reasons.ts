import { type Check, checkOptions, isBoolean, number } from '../options.js';

const FAILURE_OPTIONS: { [name: string]: Check } = {
  retry: isBoolean,
  delaySeconds: number({ minimum: 0, maximum: 315_360_000, unit: 'seconds' }),
  // Anything may be thrown.
  cause: () => {},
};

/** The job is another's, or will be: what is still done for it is done twice. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Somebody asked that the job be cancelled. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

/** The worker was stopped and the grace period is over: the job goes back to the queue, no attempt counted. */
export class WorkerStopping extends Error {
  override readonly name = 'WorkerStopping';
}

/**
 * The run took longer than it may, by `maxRunSeconds` of the worker or `max_run_seconds` of the job: it has failed.
 * What is still done for the job may be done twice.
 */
export class RanTooLong extends Error {
  override readonly name = 'RanTooLong';
}

/** Thrown by a handler that knows when, or that never, its job should be tried again. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly retry: boolean;
  readonly delaySeconds: number | undefined;

  constructor(
    message: string,
    options: { retry?: boolean | undefined; delaySeconds?: number | undefined; cause?: unknown } = {},
  ) {
    checkOptions('JobFailure', options, FAILURE_OPTIONS);
    if (options.retry === false && options.delaySeconds !== undefined) {
      throw new TypeError('delaySeconds must not be given where retry is false: there is no next run.');
    }
    super(message, { cause: options.cause });
    this.retry = options.retry ?? true;
    this.delaySeconds = options.delaySeconds;
  }
}
