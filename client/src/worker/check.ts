import {
  checkOptions,
  isFunction,
  isName,
  isSignal,
  kindOf,
  number,
  wholeNumber,
  YEAR_SECONDS,
} from '../options.js';

/** The options of `work` (WorkOptions). Where the service has bounds too, they are the same. */
const WORK_OPTIONS = {
  concurrency: wholeNumber({ minimum: 1, maximum: 10_000, unit: 'jobs' }),
  workerId: isName,
  leaseSeconds: wholeNumber({ minimum: 1, maximum: 43_200, unit: 'seconds' }),
  maxRunSeconds: number({ minimum: 0.001, maximum: YEAR_SECONDS, unit: 'seconds' }),
  waitSeconds: number({ minimum: 0, maximum: 55, unit: 'seconds' }),
  graceSeconds: number({ minimum: 0, maximum: YEAR_SECONDS, unit: 'seconds' }),
  signal: isSignal,
  onError: isFunction,
  onStart: isFunction,
  onDone: isFunction,
  onFailed: isFunction,
};

const isClient = kindOf(
  'a client, as createClient makes it',
  (value) => typeof value === 'object' && value !== null && 'queue' in value,
);

/** @throws {TypeError | RangeError} with the name of the argument, and what it must be */
export function checkWork(repo: unknown, queue: unknown, handler: unknown, options: unknown): void {
  isClient('repo', repo);
  isName('queue', queue);
  isFunction('handler', handler);
  checkOptions('work', options, WORK_OPTIONS);
}
