import { jitter, sleep } from '../retry.js';
import type { Job, Worker } from './options.js';

const LONGEST_TRY_SECONDS = 30;

/** How long the lease of a job is. A service of an earlier version says only when it ends, by its own clock. */
export function leaseSecondsOf(worker: Worker, job: Job): number {
  const untilEnd = () => Math.max(1, (Date.parse(job.lease_expires_at) - Date.now()) / 1000);
  return worker.leaseSeconds ?? job.lease_seconds ?? untilEnd();
}

/** How long one try of a request about a lease may take, so that after a lost one there is time for others. */
export function trySeconds(leaseSeconds: number): number {
  return Math.min(LONGEST_TRY_SECONDS, leaseSeconds / 4);
}

/** In ms, after a failed try. */
export function pauseWithin(leaseSeconds: number, failures: number): number {
  return jitter(failures, (leaseSeconds * 1000) / 12);
}

/** Waits until that time. Resolves to false if `signal` is aborted before. */
export async function waitUntil(time: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(Math.max(0, time - performance.now()), signal).then(
    () => true,
    () => false,
  );
}
