import { onAbort } from '../abort.js';
import { isFinal } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import { persist } from '../retry.js';
import { after } from '../timer.js';
import { checkWork } from './check.js';
import type { Handler, Worker, WorkOptions } from './options.js';
import { Popper } from './popper.js';

/**
 * Does the jobs of a queue, each at least once: a job whose worker dies, or is not heard of, is done again.
 * Resolves when `signal` has stopped it. While the service is away, or something in front of it answers in its
 * place, it waits for it; a request that is refused for good (a wrong key, say) rejects, after the jobs that run
 * have ended.
 *
 * `work<Payload>` types the jobs; nobody checks what was pushed.
 *
 * @throws {TypeError | RangeError} at once, for an option that is not as WorkOptions says
 */
export function work<Payload = unknown>(
  repo: PictRepo,
  queue: string,
  handler: Handler<Payload>,
  options?: WorkOptions<Payload>,
): Promise<void>;
// What a payload is, only the caller says: to the rest of the worker it is unknown.
export async function work(
  repo: PictRepo,
  queue: string,
  handler: Handler,
  options: WorkOptions = {},
): Promise<void> {
  checkWork(repo, queue, handler, options);
  const { workerId, graceSeconds = 30, signal } = options;
  const stop = new AbortController();
  const grace = new AbortController();
  if (signal?.aborted) return;
  let stopTimer = (): void => {};
  onAbort(stop.signal, () => {
    stopTimer = after(graceSeconds * 1000, () => grace.abort());
  });
  const unfollow = signal && onAbort(signal, () => stop.abort(signal.reason));

  const worker: Worker = {
    queue,
    id: workerId ?? `worker-${crypto.randomUUID()}`,
    handler,
    concurrency: options.concurrency ?? 1,
    leaseSeconds: options.leaseSeconds,
    maxRunSeconds: options.maxRunSeconds,
    waitSeconds: options.waitSeconds,
    stop: stop.signal,
    graceOver: grace.signal,
    onError: harmless(options.onError),
    onStart: harmless(options.onStart),
    onDone: harmless(options.onDone),
    onFailed: harmless(options.onFailed),
    hasBeenAnswered: false,
  };
  try {
    if (workerId !== undefined) await takeBack(repo, worker);
    const popper = new Popper(repo, worker);
    try {
      await popper.run();
    } finally {
      stop.abort();
      await popper.end();
    }
  } finally {
    stopTimer();
    unfollow?.();
  }
}

/** What an earlier process of this id held when it crashed. */
async function takeBack(repo: PictRepo, worker: Worker): Promise<void> {
  const { id, stop: signal, onError } = worker;
  const once = () => repo.queue.requeueInProgress({ worker_id: id }, { signal, retries: 0 });
  const goesOn = (error: unknown) => !isFinal(error, worker.hasBeenAnswered);
  try {
    await persist(once, { goesOn, signal, onRetry: onError });
    worker.hasBeenAnswered = true;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A listener that fails, at once or later, harms no job. */
function harmless<Args extends unknown[]>(
  listener: ((...args: Args) => unknown) | undefined,
): (...args: Args) => void {
  return (...args) => {
    const told = async () => await listener?.(...args);
    told().catch(() => {});
  };
}
