import { type Check, checkOptions, isBoolean, number } from '../options.js';

const FAILURE_OPTIONS: { [name: string]: Check } = {
  retry: isBoolean,
  delaySeconds: number({ minimum: 0, maximum: 315_360_000, unit: 'seconds' }),
  // Anything may be thrown.
  cause: () => {},
};

/** Another worker has the job, or will get it. What is still done for it is done twice. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** A cancel of the job was requested. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

/** The worker was stopped, and the grace period is over. The job goes back to the queue, and no attempt is counted. */
export class WorkerStopping extends Error {
  override readonly name = 'WorkerStopping';
}

/**
 * The run took longer than `maxRunSeconds` of the worker or `max_run_seconds` of the job allow. It has failed. What is
 * still done for the job may be done twice.
 */
export class RanTooLong extends Error {
  override readonly name = 'RanTooLong';
}

/** Thrown by a handler that knows when its job should be tried again, or that it should not be. */
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
      throw new TypeError('delaySeconds must not be given if retry is false: there is no next run.');
    }
    super(message, { cause: options.cause });
    this.retry = options.retry ?? true;
    this.delaySeconds = options.delaySeconds;
  }
}
