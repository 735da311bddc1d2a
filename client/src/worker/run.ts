import { onAbort } from '../abort.js';
import type { CallOptions } from '../call-options.js';
import { isFinal, isProblem } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import { persist, sleep } from '../retry.js';
import { after } from '../timer.js';
import { Completion } from './completion.js';
import { withinGrace } from './grace.js';
import type { Heartbeats } from './heartbeats.js';
import { keepLease } from './keep-lease.js';
import { leaseSecondsOf, trySeconds } from './lease.js';
import type { Job, Worker } from './options.js';
import { JobFailure, LeaseLost, RanTooLong, WorkerStopping } from './reasons.js';
import { JobResult } from './result.js';

/** How long the worker waits for a handler whose signal was aborted at a stop or at the end of its time. */
const REACTION_MS = 1000;
/** Of an error, so that it has fewer bytes than the service takes. */
const ERROR_CHARACTERS = 4000;

/** Runs a job that was asked for at the time `asked`. Resolves to its completion; any other end is reported here. */
export async function runJob(
  repo: PictRepo,
  heartbeats: Heartbeats,
  worker: Worker,
  job: Job,
  asked: number,
): Promise<Completion | undefined> {
  const run = new AbortController();
  const over = new AbortController();
  const done = new AbortController();
  const leaseSeconds = leaseSecondsOf(worker, job);
  const kept = keepLease(heartbeats, { job, asked, leaseSeconds }, run, done.signal);
  const unwatch = watchTime(worker, job, (reason) => {
    run.abort(reason);
    over.abort(reason);
    // A worker that stops extends the lease until it has given the job back. A run that took too long loses it.
    if (reason instanceof RanTooLong) done.abort();
  });
  worker.onStart(job);
  const begun = performance.now();
  const end = await endOf(worker, job, run.signal, over.signal);
  const seconds = (performance.now() - begun) / 1000;
  unwatch();

  const { reason } = run.signal;
  const isLost = reason instanceof LeaseLost;
  // If the service could not be reached, the lease may still be current; only the service knows.
  const isTaken = isLost && isProblem(reason.cause, 'lease_lost');
  const isDone = 'result' in end && !isTaken;
  const error = isLost || 'result' in end ? reason : failureOf(end.error, over.signal.reason);
  if (isDone) worker.onDone(job, { seconds });
  else worker.onFailed(job, { seconds, error: reason instanceof WorkerStopping ? reason : error });
  // A run that ended for a cancel is reported as failed: the service knows of the cancel. Until then the lease is
  // extended.
  if (isLost && !isDone) worker.onError(reason, job);
  else if (!isDone && reason instanceof WorkerStopping) await giveBack(repo, worker, job);
  else if (!isDone) await fail(repo, worker, job, error);
  done.abort();
  const due = await kept;
  return isDone ? new Completion(worker, job, { due, result: end.result }) : undefined;
}

/** The result that the handler returned for the service, or why the job is not done. */
type End = { result: JobResult | undefined } | { error: unknown };

/** Calls `end` when the grace period of a stop is over, and when the run has taken as long as it may. */
function watchTime(worker: Worker, job: Job, end: (reason: Error) => void): () => void {
  const { graceOver, maxRunSeconds = Number.POSITIVE_INFINITY } = worker;
  const stop = () => end(new WorkerStopping('The worker stops.'));
  if (graceOver.aborted) stop();
  const unfollow = onAbort(graceOver, stop);
  const seconds = Math.min(maxRunSeconds, job.max_run_seconds ?? Number.POSITIVE_INFINITY);
  if (seconds === Number.POSITIVE_INFINITY) return unfollow;
  const whose = seconds === maxRunSeconds ? 'maxRunSeconds' : 'max_run_seconds';
  const late = () => end(new RanTooLong(`The job ran longer than ${seconds} s (${whose}).`));
  const stopTimer = after(seconds * 1000, late);
  return () => {
    unfollow();
    stopTimer();
  };
}

/** Why a run failed: that its time was over says more than what the handler then threw, unless that is a JobFailure. */
function failureOf(thrown: unknown, over: unknown): unknown {
  return over instanceof RanTooLong && !isJobFailure(thrown) ? over : thrown;
}

/** Also false for a revoked proxy, for which `instanceof` throws. */
function isJobFailure(error: unknown): error is JobFailure {
  try {
    return error instanceof JobFailure;
  } catch {
    return false;
  }
}

async function endOf(worker: Worker, job: Job, signal: AbortSignal, over: AbortSignal): Promise<End> {
  const ended = new AbortController();
  const run = async (): Promise<End> => {
    try {
      const returned = await worker.handler(job, signal);
      // Checked and copied once more, because the handler may have changed it.
      return { result: returned instanceof JobResult ? new JobResult(returned.value) : undefined };
    } catch (error) {
      return { error };
    }
  };
  return await Promise.race([run(), abandoned(over, ended.signal)]).finally(() => ended.abort());
}

/** Resolves when the time of the run is over, and the handler has had another second to react. */
async function abandoned(over: AbortSignal, ended: AbortSignal): Promise<End> {
  return await new Promise((resolve) => {
    const wait = () => {
      sleep(REACTION_MS, ended).then(
        () => resolve({ error: over.reason }),
        () => {},
      );
    };
    if (over.aborted) wait();
    else onAbort(ended, onAbort(over, wait));
  });
}

/** Gives the job back. No attempt is counted. */
export async function giveBack(repo: PictRepo, worker: Worker, job: Job): Promise<void> {
  await report(worker, job, (options) => repo.queue.release({ lease: job.lease }, options));
}

async function fail(repo: PictRepo, worker: Worker, job: Job, error: unknown): Promise<void> {
  worker.onError(error, job);
  const { retry, delaySeconds } = nextRunOf(error);
  const failure = {
    error: textOf(error),
    retry,
    ...(delaySeconds !== undefined && { delay_seconds: delaySeconds }),
  };
  await report(worker, job, (options) => repo.queue.fail({ lease: job.lease }, failure, options));
}

/**
 * Reports the end of a run until the service has acknowledged it, for as long as a lease. After that the job comes back
 * by itself, because its lease has expired.
 */
async function report(
  worker: Worker,
  job: Job,
  call: (options: CallOptions) => Promise<unknown>,
): Promise<void> {
  const leaseSeconds = leaseSecondsOf(worker, job);
  const end = performance.now() + leaseSeconds * 1000;
  const goesOn = (error: unknown) => !isFinal(error, true) && performance.now() < end;
  const onRetry = (error: unknown) => worker.onError(error, job);
  const options = { retries: 0, timeoutSeconds: trySeconds(leaseSeconds) };
  try {
    await withinGrace(worker, (signal) =>
      persist(() => call({ ...options, signal }), { goesOn, signal, onRetry }),
    );
  } catch (error) {
    // The answer if an earlier try was successful, but its answer was lost.
    if (!isProblem(error, 'lease_lost')) worker.onError(error, job);
  }
}

/** Not empty, and without the characters that the service refuses in texts. */
function textOf(error: unknown): string {
  const text = printed(error).slice(0, ERROR_CHARACTERS);
  return text.toWellFormed().replaceAll('\0', '\ufffd') || 'unknown error';
}

/** The options of a JobFailure for the next run. Reading them may throw, because a subclass may have getters. */
function nextRunOf(error: unknown): Pick<JobFailure, 'retry' | 'delaySeconds'> {
  try {
    if (error instanceof JobFailure) return { retry: error.retry, delaySeconds: error.delaySeconds };
  } catch {
    // The defaults apply, as for any other error.
  }
  return { retry: true, delaySeconds: undefined };
}

/** Anything may be thrown: an object without a prototype has no text, and a message may be a number. */
function printed(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message || error.name : error);
  } catch {
    return 'unknown error';
  }
}
