import { onAbort } from '../abort.js';
import { isFinal } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import { persist } from '../retry.js';
import { after } from '../timer.js';
import { checkWork } from './check.js';
import type { Handler, Worker, WorkOptions } from './options.js';
import { Popper } from './popper.js';

/**
 * Runs the jobs of a queue, each at least once: if a worker dies, or cannot reach the service, its jobs run again.
 * Resolves when `signal` has stopped it. While the service cannot be reached, or something in front of it answers in
 * its place, it waits. If a request is refused for good, because of a wrong key for example, it rejects, after the
 * running jobs have ended.
 *
 * `work<Payload>` types the jobs; what was pushed is not checked.
 *
 * @throws {TypeError | RangeError} at once, if an option is not as WorkOptions says
 */
export function work<Payload = unknown>(
  repo: PictRepo,
  queue: string,
  handler: Handler<Payload>,
  options?: WorkOptions<Payload>,
): Promise<void>;
// Only the caller knows the type of the payload. To the rest of the worker it is unknown.
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

/** Takes back the jobs that an earlier process with this id had when it crashed. */
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

/** A listener that throws, or rejects later, disturbs no job. */
function harmless<Args extends unknown[]>(
  listener: ((...args: Args) => unknown) | undefined,
): (...args: Args) => void {
  return (...args) => {
    const told = async () => await listener?.(...args);
    told().catch(() => {});
  };
}
