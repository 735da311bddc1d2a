import type { PictRepo } from '../client.js';
import { isProblem } from '../errors.js';
import { jitter, sleep } from '../retry.js';
import type { Job, Worker } from './options.js';
import { JobCancelled, LeaseLost } from './reasons.js';

const LONGEST_TRY_SECONDS = 30;

/** How long one try to say something of a lease may take: one that is swallowed leaves time for others. */
export function trySeconds({ leaseSeconds }: Worker): number {
  return Math.min(LONGEST_TRY_SECONDS, leaseSeconds / 4);
}

/** In ms, after a try that failed. */
export function pauseWithin({ leaseSeconds }: Worker, failures: number): number {
  return jitter(failures, (leaseSeconds * 1000) / 12);
}

/** When the lease is to be extended that was, or began, at the time `at`. */
function nextBeat({ leaseSeconds }: Worker, at: number): number {
  return at + (leaseSeconds * 1000) / 3;
}

/**
 * Extends the lease of a job until `done`, and aborts `run` where the job is no longer to be done. A service
 * that does not answer for the whole length of the lease may have given the job to another.
 *
 * Times are those of a clock that nobody sets. A job that is handed out again after a lost answer has its lease
 * since the first try: so it is counted from when the job was `asked` for.
 *
 * @returns when the lease would have to be extended next
 */
export async function keepLease(
  repo: PictRepo,
  worker: Worker,
  { job, asked }: { job: Job; asked: number },
  run: AbortController,
  done: AbortSignal,
): Promise<number> {
  const { leaseSeconds } = worker;
  let until = performance.now() + leaseSeconds * 1000;
  let due = nextBeat(worker, asked);
  for (let failures = 0; await comes(due, done); ) {
    const begun = performance.now();
    try {
      const options = { signal: done, retries: 0, timeoutSeconds: trySeconds(worker) };
      const beat = await repo.queue.heartbeat({ lease: job.lease }, { lease_seconds: leaseSeconds }, options);
      failures = 0;
      until = begun + leaseSeconds * 1000;
      due = nextBeat(worker, begun);
      if (beat.cancel_requested) run.abort(new JobCancelled('A cancel was asked for.'));
    } catch (error) {
      if (done.aborted) break;
      if (isProblem(error, 'lease_lost') || performance.now() >= until) {
        run.abort(new LeaseLost(`The lease of job ${job.id} is lost.`, { cause: error }));
        break;
      }
      worker.onError(error, job);
      due = performance.now() + pauseWithin(worker, failures);
      failures += 1;
    }
  }
  return due;
}

/** Waits for that time; false where `signal` is aborted before. */
export async function comes(time: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(Math.max(0, time - performance.now()), signal).then(
    () => true,
    () => false,
  );
}
