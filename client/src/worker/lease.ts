import { isProblem } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import { jitter, sleep } from '../retry.js';
import type { Job, Worker } from './options.js';
import { JobCancelled, LeaseLost } from './reasons.js';

const LONGEST_TRY_SECONDS = 30;

/** How long the lease of a job is. A service of an earlier version says only when it ends, by its own clock. */
export function leaseSecondsOf(worker: Worker, job: Job): number {
  const untilEnd = () => Math.max(1, (Date.parse(job.lease_expires_at) - Date.now()) / 1000);
  return worker.leaseSeconds ?? job.lease_seconds ?? untilEnd();
}

/** How long one try to say something of a lease may take: one that is swallowed leaves time for others. */
export function trySeconds(leaseSeconds: number): number {
  return Math.min(LONGEST_TRY_SECONDS, leaseSeconds / 4);
}

/** In ms, after a try that failed. */
export function pauseWithin(leaseSeconds: number, failures: number): number {
  return jitter(failures, (leaseSeconds * 1000) / 12);
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
  { job, asked, leaseSeconds }: { job: Job; asked: number; leaseSeconds: number },
  run: AbortController,
  done: AbortSignal,
): Promise<number> {
  const third = (leaseSeconds * 1000) / 3;
  let until = performance.now() + leaseSeconds * 1000;
  let due = asked + third;
  for (let failures = 0; await comes(due, done); ) {
    const begun = performance.now();
    try {
      const options = { signal: done, retries: 0, timeoutSeconds: trySeconds(leaseSeconds) };
      const length = worker.leaseSeconds === undefined ? {} : { lease_seconds: worker.leaseSeconds };
      const beat = await repo.queue.heartbeat({ lease: job.lease }, length, options);
      failures = 0;
      until = begun + leaseSeconds * 1000;
      due = begun + third;
      if (beat.cancel_requested) run.abort(new JobCancelled('A cancel was asked for.'));
    } catch (error) {
      if (done.aborted) break;
      if (isProblem(error, 'lease_lost') || performance.now() >= until) {
        run.abort(new LeaseLost(`The lease of job ${job.id} is lost.`, { cause: error }));
        break;
      }
      worker.onError(error, job);
      due = performance.now() + pauseWithin(leaseSeconds, failures);
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
