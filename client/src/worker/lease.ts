import { jitter, sleep } from '../retry.js';
import type { Job, Worker } from './options.js';

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

/** Waits for that time; false where `signal` is aborted before. */
export async function comes(time: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(Math.max(0, time - performance.now()), signal).then(
    () => true,
    () => false,
  );
}
