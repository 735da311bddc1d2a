import type { PictRepo } from '../client.js';
import { isProblem } from '../errors.js';
import { sleep } from '../retry.js';
import type { Job, Worker } from './options.js';
import { JobCancelled, LeaseLost } from './reasons.js';

/**
 * Extends the lease of a job until `done`, and aborts `run` where the job is no longer to be done. A service
 * that does not answer for the whole length of the lease may have given the job to another.
 */
export async function keepLease(
  repo: PictRepo,
  worker: Worker,
  job: Job,
  run: AbortController,
  done: AbortSignal,
): Promise<void> {
  const { leaseSeconds } = worker;
  let until = performance.now() + leaseSeconds * 1000;
  while (await restOf(leaseSeconds / 3, done)) {
    const asked = performance.now();
    try {
      const options = { signal: done, retries: 0, timeoutSeconds: leaseSeconds / 3 };
      const beat = await repo.queue.heartbeat({ lease: job.lease }, { lease_seconds: leaseSeconds }, options);
      until = asked + leaseSeconds * 1000;
      if (beat.cancel_requested) run.abort(new JobCancelled('A cancel was asked for.'));
    } catch (error) {
      if (done.aborted) return;
      if (isProblem(error, 'lease_lost') || performance.now() >= until) {
        run.abort(new LeaseLost(`The lease of job ${job.id} is lost.`, { cause: error }));
        return;
      }
      worker.onError(error, job);
    }
  }
}

/** False where the job was done meanwhile. */
async function restOf(seconds: number, done: AbortSignal): Promise<boolean> {
  return await sleep(seconds * 1000, done).then(
    () => true,
    () => false,
  );
}
