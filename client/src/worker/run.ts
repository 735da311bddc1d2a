import type { PictRepo } from '../client.js';
import { isProblem } from '../errors.js';
import { sleep } from '../retry.js';
import { keepLease } from './lease.js';
import type { Job, Worker } from './options.js';
import { JobFailure, LeaseLost, WorkerStopping } from './reasons.js';

/** How long a handler may take to heed its signal before a stopping worker leaves it behind. */
const HEED_MS = 1000;
/** What the service takes as an error, less than its limit in bytes. */
const ERROR_CHARACTERS = 4000;

/** Does a job. True where it is done and its lease is to be completed; all else is said here. */
export async function runJob(repo: PictRepo, worker: Worker, job: Job): Promise<boolean> {
  const run = new AbortController();
  const done = new AbortController();
  const onGraceOver = () => run.abort(new WorkerStopping('The worker stops.'));
  worker.graceOver.addEventListener('abort', onGraceOver);
  if (worker.graceOver.aborted) onGraceOver();
  const kept = keepLease(repo, worker, job, run, done.signal);
  const end = await Promise.race([endOf(worker, job, run.signal), leftBehind(worker.graceOver, done.signal)]);
  worker.graceOver.removeEventListener('abort', onGraceOver);
  done.abort();
  await kept;

  const { reason } = run.signal;
  if (reason instanceof LeaseLost) {
    worker.onError(reason, job);
    return false;
  }
  if (end === 'done') return true;
  // Of its own accord, or for a cancel, which the service remembers.
  if (reason instanceof WorkerStopping) await giveBack(repo, worker, job);
  else await fail(repo, worker, job, end.error);
  return false;
}

type End = 'done' | { error: unknown };

async function endOf({ handler }: Worker, job: Job, signal: AbortSignal): Promise<End> {
  try {
    await handler(job, signal);
    return 'done';
  } catch (error) {
    return { error };
  }
}

/** Resolves where the grace is over and the handler has had its time to heed it. */
async function leftBehind(graceOver: AbortSignal, done: AbortSignal): Promise<End> {
  return await new Promise((resolve) => {
    const wait = () => {
      sleep(HEED_MS, done).then(
        () => resolve({ error: graceOver.reason }),
        () => {},
      );
    };
    if (graceOver.aborted) wait();
    else graceOver.addEventListener('abort', wait, { signal: done });
  });
}

/** A job that cannot be given back or failed comes back by itself, when its lease runs out. */
export async function giveBack(repo: PictRepo, worker: Worker, job: Job): Promise<void> {
  await repo.queue.release({ lease: job.lease }).catch((error: unknown) => report(worker, job, error));
}

async function fail(repo: PictRepo, worker: Worker, job: Job, error: unknown): Promise<void> {
  worker.onError(error, job);
  const { retry, delaySeconds } = error instanceof JobFailure ? error : { retry: true };
  const failure = {
    error: textOf(error),
    retry,
    ...(delaySeconds !== undefined && { delay_seconds: delaySeconds }),
  };
  await repo.queue
    .fail({ lease: job.lease }, failure)
    .catch((problem: unknown) => report(worker, job, problem));
}

function report(worker: Worker, job: Job, error: unknown): void {
  // Of a request that was tried again after a lost answer, this is the success.
  if (!isProblem(error, 'lease_lost')) worker.onError(error, job);
}

/** Neither empty, nor with what the service takes in no text. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, ERROR_CHARACTERS).toWellFormed().replaceAll('\0', '\ufffd') || 'unknown error';
}
