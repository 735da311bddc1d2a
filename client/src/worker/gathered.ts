import { onAbort } from '../abort.js';
import type { CallOptions } from '../call-options.js';
import { ConnectionError, isFinal, ProblemError } from '../errors.js';
import { withinGrace } from './grace.js';
import { trySeconds } from './lease.js';
import type { Job, Worker } from './options.js';

/** The problem of a job that another transaction has locked. The same call may succeed in a moment. */
export function contended(): ProblemError {
  return new ProblemError(503, { code: 'contended', detail: 'Another transaction has locked the job.' });
}

/** What the service takes in one request. */
const LARGEST_REQUEST = 1000;
/** Several at a time, so that a request which gets no answer does not delay all others. */
const MAX_REQUESTS = 4;
/**
 * Unanswered requests are split into at most so many for all jobs of a worker: more would slow a slow service further.
 */
const MAX_PARTS = 64;

interface OfJob {
  job: Job;
  leaseSeconds: number;
}

/** A call that waits for its outcome. */
interface Call<Outcome> {
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

interface Options<Item extends OfJob, Outcome> {
  worker: Worker;
  /** Sends one request. Resolves to what is answered for each lease, which may be a problem of this lease. */
  send: (items: Item[], options: CallOptions) => Promise<Map<string, Outcome | ProblemError>>;
  /** Changes what was refused. Returns whether another try may succeed. */
  change?: (item: Item, error: unknown) => boolean;
}

/**
 * Requests that the jobs of a worker share. While four of them are under way, further calls wait and share the next
 * one. With a request for each job, a worker with a thousand jobs and a slow service would send a thousand at once,
 * give them up before they are answered, and send them again.
 */
export class Gathered<Item extends OfJob, Outcome> {
  readonly #options: Options<Item, Outcome>;
  readonly #waiting = new Map<Call<Outcome>, Item>();
  readonly #over = new AbortController();
  /** How many jobs the next request with this job may have, after one that failed. */
  readonly #limits = new WeakMap<Job, number>();
  #requests = 0;

  constructor(options: Options<Item, Outcome>) {
    this.#options = options;
  }

  /**
   * Resolves to what the service answers. Rejects if this one try fails, after a call of `onError`, or if `signal` is
   * aborted before.
   */
  async ask(item: Item, signal: AbortSignal): Promise<Outcome> {
    return await new Promise<Outcome>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const call: Call<Outcome> = {
        resolve: (outcome) => {
          unfollow();
          resolve(outcome);
        },
        reject: (error) => {
          unfollow();
          reject(error);
        },
      };
      const unfollow = onAbort(signal, () => {
        this.#waiting.delete(call);
        reject(signal.reason);
      });
      this.#waiting.set(call, item);
      if (this.#requests < MAX_REQUESTS) void this.#sendAll();
    });
  }

  /** Cancels the requests that are under way, because nobody waits for them any more. */
  end(): void {
    this.#over.abort();
  }

  async #sendAll(): Promise<void> {
    this.#requests += 1;
    // Jobs that end in the same moment share a request.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      await this.#send(this.#take());
    }
    this.#requests -= 1;
  }

  #take(): [Call<Outcome>, Item][] {
    const batch: [Call<Outcome>, Item][] = [];
    let most = LARGEST_REQUEST;
    for (const [call, item] of this.#waiting) {
      const limit = Math.min(most, this.#limits.get(item.job) ?? LARGEST_REQUEST);
      if (batch.length >= limit) continue;
      most = limit;
      batch.push([call, item]);
      this.#waiting.delete(call);
    }
    return batch;
  }

  async #send(batch: [Call<Outcome>, Item][]): Promise<void> {
    const { worker, send } = this.#options;
    const items = batch.map(([, item]) => item);
    const timeoutSeconds = trySeconds(Math.min(...items.map(({ leaseSeconds }) => leaseSeconds)));
    try {
      const outcomes = await withinGrace(
        worker,
        (signal) => send(items, { signal, retries: 0, timeoutSeconds }),
        this.#over.signal,
      );
      for (const [{ resolve, reject }, { job }] of batch) {
        this.#limits.delete(job);
        const outcome =
          outcomes.get(job.lease) ??
          new ConnectionError(`The answer does not name the lease of job ${job.id}.`);
        if (outcome instanceof Error) {
          worker.onError(outcome, job);
          reject(outcome);
        } else resolve(outcome);
      }
    } catch (error) {
      if (!this.#over.signal.aborted) this.#fail(batch, error);
    }
  }

  #fail(batch: [Call<Outcome>, Item][], error: unknown): void {
    const { worker, change } = this.#options;
    // The request may have been too large for a proxy, which may just close the connection.
    const isAnswered = error instanceof ProblemError;
    const least = isAnswered ? 1 : Math.ceil(worker.concurrency / MAX_PARTS);
    const limit = Math.max(least, Math.floor(batch.length / 2));
    for (const [, { job }] of batch) this.#limits.set(job, limit);
    worker.onError(error, batch.length === 1 ? batch[0]?.[1].job : undefined);
    const isChanged = change !== undefined && batch.filter(([, item]) => change(item, error)).length > 0;
    // Sending the halves shows which job is refused.
    const isRepeated = isChanged || (batch.length > 1 && isRefusal(error));
    for (const [call, item] of batch) {
      if (isRepeated) this.#waiting.set(call, item);
      else call.reject(error);
    }
  }
}

/** Whether the service refuses what was sent. A refused key (401, 403) would be refused for each job. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ProblemError) || error.status === 401 || error.status === 403) return false;
  return isFinal(error, true);
}
