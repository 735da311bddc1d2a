import type { PictRepo } from '../client.js';
import { persist } from '../retry.js';
import type { Handler, Worker, WorkOptions } from './options.js';
import { runSlot } from './slot.js';

/**
 * Does the jobs of a queue, each at least once: a job whose worker dies, or is not heard of, is done again.
 * Resolves when `signal` has stopped it. While the service is away it waits for it; a request that is refused
 * for good (a wrong key, say) rejects, after the jobs that run have ended.
 */
export async function work(
  repo: PictRepo,
  queue: string,
  handler: Handler,
  options: WorkOptions = {},
): Promise<void> {
  const { concurrency = 1, workerId, graceSeconds = 30, signal, onError = () => {} } = options;
  const stop = new AbortController();
  const grace = new AbortController();
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  stop.signal.addEventListener('abort', () => {
    graceTimer = setTimeout(() => grace.abort(), graceSeconds * 1000);
  });
  const onStop = () => stop.abort(signal?.reason);
  if (signal?.aborted) return;
  signal?.addEventListener('abort', onStop);

  const worker: Worker = {
    queue,
    id: workerId ?? `worker-${crypto.randomUUID()}`,
    handler,
    leaseSeconds: options.leaseSeconds ?? 60,
    waitSeconds: options.waitSeconds ?? 20,
    stop: stop.signal,
    graceOver: grace.signal,
    onError,
  };
  try {
    if (workerId !== undefined) await takeBack(repo, worker);
    const slots = Array.from({ length: concurrency }, async () => {
      // One that cannot go on stops the others.
      await runSlot(repo, worker).finally(() => stop.abort());
    });
    const ended = await Promise.allSettled(slots);
    for (const slot of ended) if (slot.status === 'rejected') throw slot.reason;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    clearTimeout(graceTimer);
    signal?.removeEventListener('abort', onStop);
  }
}

/** What an earlier process of this id held when it crashed. */
async function takeBack(repo: PictRepo, { id, stop: signal, onError }: Worker): Promise<void> {
  const once = () => repo.queue.requeueInProgress({ worker_id: id }, { signal, retries: 0 });
  await persist(once, { retries: Number.POSITIVE_INFINITY, signal, onRetry: onError });
}
