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

/** How long a handler may take to heed its signal, at a stop or the end of its time, before it is left behind. */
const HEED_MS = 1000;
/** What the service takes as an error, less than its limit in bytes. */
const ERROR_CHARACTERS = 4000;

/** Does a job that was asked for at that time. What it returns is still to be heard; all else is said here. */
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
    // It is kept until a worker that stops has given it back; a run that took too long has no right to more.
    if (reason instanceof RanTooLong) done.abort();
  });
  worker.onStart(job);
  const begun = performance.now();
  const end = await endOf(worker, job, run.signal, over.signal);
  const seconds = (performance.now() - begun) / 1000;
  unwatch();

  const { reason } = run.signal;
  const isLost = reason instanceof LeaseLost;
  // What was done while the service was not heard of may still be in time; only the service knows.
  const isTaken = isLost && isProblem(reason.cause, 'lease_lost');
  const isDone = 'result' in end && !isTaken;
  const error = isLost || 'result' in end ? reason : failureOf(end.error, over.signal.reason);
  if (isDone) worker.onDone(job, { seconds });
  else worker.onFailed(job, { seconds, error: reason instanceof WorkerStopping ? reason : error });
  // Of its own accord, or for a cancel, which the service remembers. The lease is kept until it is heard.
  if (isLost && !isDone) worker.onError(reason, job);
  else if (!isDone && reason instanceof WorkerStopping) await giveBack(repo, worker, job);
  else if (!isDone) await fail(repo, worker, job, error);
  done.abort();
  const due = await kept;
  return isDone ? new Completion(worker, job, { due, result: end.result }) : undefined;
}

/** What the handler returned, if that is for the service, or why it has not done its job. */
type End = { result: JobResult | undefined } | { error: unknown };

/** Calls `end` where the worker is stopped and its grace is over, and where the run has taken as long as it may. */
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

/** What a handler throws because its time was over says less than that, unless it says when to try again. */
function failureOf(thrown: unknown, over: unknown): unknown {
  return over instanceof RanTooLong && !isJobFailure(thrown) ? over : thrown;
}

/** False also for what `instanceof` cannot test: it throws for a revoked proxy. */
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
  return await Promise.race([run(), leftBehind(over, ended.signal)]).finally(() => ended.abort());
}

/** Resolves where its time is over and the handler has had another second to heed that. */
async function leftBehind(over: AbortSignal, ended: AbortSignal): Promise<End> {
  return await new Promise((resolve) => {
    const wait = () => {
      sleep(HEED_MS, ended).then(
        () => resolve({ error: over.reason }),
        () => {},
      );
    };
    if (over.aborted) wait();
    else onAbort(ended, onAbort(over, wait));
  });
}

/** No attempt counted. */
export async function giveBack(repo: PictRepo, worker: Worker, job: Job): Promise<void> {
  await say(worker, job, (options) => repo.queue.release({ lease: job.lease }, options));
}

async function fail(repo: PictRepo, worker: Worker, job: Job, error: unknown): Promise<void> {
  worker.onError(error, job);
  const { retry, delaySeconds } = nextRunOf(error);
  const failure = {
    error: textOf(error),
    retry,
    ...(delaySeconds !== undefined && { delay_seconds: delaySeconds }),
  };
  await say(worker, job, (options) => repo.queue.fail({ lease: job.lease }, failure, options));
}

/**
 * Says it until it is heard, for as long as a lease. Where it is not, the job comes back by itself when its lease runs
 * out.
 */
async function say(
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
    // Of a request that was tried again after a lost answer, this is the success.
    if (!isProblem(error, 'lease_lost')) worker.onError(error, job);
  }
}

/** Neither empty, nor with what the service takes in no text. */
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
