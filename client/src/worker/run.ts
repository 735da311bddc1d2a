import type { CallOptions } from '../calls.js';
import type { PictRepo } from '../client.js';
import { isFinal, isProblem } from '../errors.js';
import { persist, sleep } from '../retry.js';
import { Completion } from './completion.js';
import { withinGrace } from './grace.js';
import { keepLease, trySeconds } from './lease.js';
import type { Job, Worker } from './options.js';
import { JobFailure, LeaseLost, WorkerStopping } from './reasons.js';

/** How long a handler may take to heed its signal before a stopping worker leaves it behind. */
const HEED_MS = 1000;
/** What the service takes as an error, less than its limit in bytes. */
const ERROR_CHARACTERS = 4000;

/** Does a job that was asked for at that time. What it returns is still to be heard; all else is said here. */
export async function runJob(
  repo: PictRepo,
  worker: Worker,
  job: Job,
  asked: number,
): Promise<Completion | undefined> {
  const run = new AbortController();
  const done = new AbortController();
  const onGraceOver = () => run.abort(new WorkerStopping('The worker stops.'));
  worker.graceOver.addEventListener('abort', onGraceOver);
  if (worker.graceOver.aborted) onGraceOver();
  const kept = keepLease(repo, worker, { job, asked }, run, done.signal);
  const end = await endOf(worker, job, run.signal);
  worker.graceOver.removeEventListener('abort', onGraceOver);

  const { reason } = run.signal;
  const isLost = reason instanceof LeaseLost;
  // What was done while the service was not heard of may still be in time; only the service knows.
  const isTaken = isLost && isProblem(reason.cause, 'lease_lost');
  const isDone = end === 'done' && !isTaken;
  // Of its own accord, or for a cancel, which the service remembers. The lease is kept until it is heard.
  if (isLost && !isDone) worker.onError(reason, job);
  else if (end !== 'done' && reason instanceof WorkerStopping) await giveBack(repo, worker, job);
  else if (end !== 'done') await fail(repo, worker, job, end.error);
  done.abort();
  const due = await kept;
  return isDone ? new Completion(repo, worker, job, due) : undefined;
}

type End = 'done' | { error: unknown };

async function endOf(worker: Worker, job: Job, signal: AbortSignal): Promise<End> {
  const ended = new AbortController();
  const run = async (): Promise<End> => {
    try {
      await worker.handler(job, signal);
      return 'done';
    } catch (error) {
      return { error };
    }
  };
  return await Promise.race([run(), leftBehind(worker.graceOver, ended.signal)]).finally(() => ended.abort());
}

/** Resolves where the grace is over and the handler has had its time to heed it. */
async function leftBehind(graceOver: AbortSignal, ended: AbortSignal): Promise<End> {
  return await new Promise((resolve) => {
    const wait = () => {
      sleep(HEED_MS, ended).then(
        () => resolve({ error: graceOver.reason }),
        () => {},
      );
    };
    if (graceOver.aborted) wait();
    else graceOver.addEventListener('abort', wait, { signal: ended });
  });
}

/** No attempt counted. */
export async function giveBack(repo: PictRepo, worker: Worker, job: Job): Promise<void> {
  await say(worker, job, (options) => repo.queue.release({ lease: job.lease }, options));
}

async function fail(repo: PictRepo, worker: Worker, job: Job, error: unknown): Promise<void> {
  worker.onError(error, job);
  const { retry, delaySeconds } = error instanceof JobFailure ? error : { retry: true };
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
  const end = performance.now() + worker.leaseSeconds * 1000;
  const goesOn = (error: unknown) => !isFinal(error, true) && performance.now() < end;
  const onRetry = (error: unknown) => worker.onError(error, job);
  const options = { retries: 0, timeoutSeconds: trySeconds(worker) };
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
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, ERROR_CHARACTERS).toWellFormed().replaceAll('\0', '\ufffd') || 'unknown error';
}
