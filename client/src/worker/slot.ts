import type { CallResult } from '../calls.js';
import type { PictRepo } from '../client.js';
import { persist, sleep } from '../retry.js';
import type { Job, Worker } from './options.js';
import { LeaseLost } from './reasons.js';
import { giveBack, runJob } from './run.js';

type Popped = Awaited<CallResult<'queue.pop'>>;

/** One of a worker's jobs at a time, until it stops: each pop completes the job before it. */
export async function runSlot(repo: PictRepo, worker: Worker): Promise<void> {
  let completed: string[] = [];
  while (!worker.stop.aborted) {
    const key = crypto.randomUUID();
    try {
      const popped = await pop(repo, worker, key, completed);
      completed = [];
      reportLost(worker, popped);
      for (const job of popped.jobs) if (await runJob(repo, worker, job)) completed.push(job.lease);
      const seconds = popped.retry_after_seconds;
      if (seconds !== undefined) await sleep(seconds * 1000, worker.stop);
    } catch (error) {
      if (!worker.stop.aborted) throw error;
      return await lastPop(repo, worker, key, completed);
    }
  }
  if (completed.length > 0) await complete(repo, worker, completed);
}

/** For as long as the service is away; the key makes it one pop, however often it is sent. */
function pop(repo: PictRepo, worker: Worker, key: string, completed: string[]): Promise<Popped> {
  const { queue, id, waitSeconds, leaseSeconds, stop: signal, onError } = worker;
  const body = {
    worker_id: id,
    wait_seconds: waitSeconds,
    lease_seconds: leaseSeconds,
    idempotency_key: key,
    ...(completed.length > 0 && { completed }),
  };
  const once = () => repo.queue.pop({ queue }, body, { signal, retries: 0 });
  return persist(once, { retries: Number.POSITIVE_INFINITY, signal, onRetry: onError });
}

/**
 * After a pop that the stop broke off. Its answer may have been on its way, with a job that would now wait for
 * its lease to run out: the same key gets the same job, and it is given back.
 */
async function lastPop(repo: PictRepo, worker: Worker, key: string, completed: string[]): Promise<void> {
  const { queue, id, leaseSeconds } = worker;
  const body = { worker_id: id, wait_seconds: 0, lease_seconds: leaseSeconds, idempotency_key: key };
  try {
    const popped = await repo.queue.pop({ queue }, { ...body, ...(completed.length > 0 && { completed }) });
    reportLost(worker, popped);
    await Promise.all(popped.jobs.map((job: Job) => giveBack(repo, worker, job)));
  } catch (error) {
    worker.onError(error);
  }
}

/** For the last job of a worker that stops. */
async function complete(repo: PictRepo, worker: Worker, leases: string[]): Promise<void> {
  try {
    const { results } = await repo.queue.completeMany({ leases });
    reportLost(worker, { completed: results });
  } catch (error) {
    worker.onError(error);
  }
}

/** Done, and to be done again by another. `gone` is fine: a completion whose answer was lost. */
function reportLost(worker: Worker, { completed = [] }: Pick<Popped, 'completed'>): void {
  for (const { lease, outcome } of completed) {
    if (outcome === 'lost') worker.onError(new LeaseLost(`${lease} was completed too late.`));
  }
}
