import type { Heartbeats } from './heartbeats.js';
import { pauseWithin, waitUntil } from './lease.js';
import type { Job } from './options.js';
import { JobCancelled, LeaseLost } from './reasons.js';

/**
 * Extends the lease of a job until `done`, and aborts `run` if the job need no longer be done. If the service does not
 * answer for the whole length of the lease, it may have given the job to another worker.
 *
 * Times are monotonic. If the answer of a pop is lost, and the next try gets the same job, its lease began with the
 * first try. So the lease counts from when the job was `asked` for.
 *
 * @returns when the lease would have to be extended next
 */
export async function keepLease(
  heartbeats: Heartbeats,
  { job, asked, leaseSeconds }: { job: Job; asked: number; leaseSeconds: number },
  run: AbortController,
  done: AbortSignal,
): Promise<number> {
  const third = (leaseSeconds * 1000) / 3;
  const lose = (cause: unknown) => run.abort(new LeaseLost(`The lease of job ${job.id} is lost.`, { cause }));
  let until = performance.now() + leaseSeconds * 1000;
  let due = asked + third;
  for (let failures = 0; await waitUntil(due, done); ) {
    const begun = performance.now();
    try {
      const answer = await heartbeats.ask({ job, leaseSeconds }, done);
      if ('lost' in answer) {
        lose(answer.lost);
        break;
      }
      failures = 0;
      until = begun + leaseSeconds * 1000;
      due = begun + third;
      if (answer.isCancelled) run.abort(new JobCancelled('A cancel was asked for.'));
    } catch (error) {
      if (done.aborted) break;
      if (performance.now() >= until) {
        lose(error);
        break;
      }
      due = performance.now() + pauseWithin(leaseSeconds, failures);
      failures += 1;
    }
  }
  return due;
}
