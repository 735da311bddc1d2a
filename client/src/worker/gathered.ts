import { onAbort } from '../abort.js';
import type { CallOptions } from '../call-options.js';
import { ConnectionError, isFinal, isProblem, ProblemError } from '../errors.js';
import { withinGrace } from './grace.js';
import { trySeconds } from './lease.js';
import type { Job, Worker } from './options.js';

/** What the service takes in one request. */
const LARGEST_REQUEST = 1000;
/** Several at a time, so that one that is swallowed does not hold up what comes after it. */
const MOST_REQUESTS = 4;
/** Where nothing is answered, a worker's jobs are split into so many requests at most: a slow service would be slower still. */
const MOST_PARTS = 64;

/** What is said of a job. */
interface Item {
  job: Job;
  leaseSeconds: number;
}

interface Asked<Outcome> {
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

interface Options<One extends Item, Outcome> {
  worker: Worker;
  /** Sends one request. Resolves to what is answered for each lease. */
  send: (items: One[], options: CallOptions) => Promise<Map<string, Outcome>>;
  /** Changes what was refused. Returns whether another try may succeed. */
  change?: (item: One, error: unknown) => boolean;
}

/**
 * Requests that a worker's jobs share: what comes while four of them are under way waits for the next. With one request
 * for each job, a worker of a thousand places whose service was away would send a thousand at once, and again and
 * again, as all of them would be given up before they are answered.
 */
export class Gathered<One extends Item, Outcome> {
  readonly #with: Options<One, Outcome>;
  readonly #waiting = new Map<Asked<Outcome>, One>();
  readonly #over = new AbortController();
  /** How many jobs a request may have that repeats one which failed. */
  readonly #limits = new WeakMap<Job, number>();
  #requests = 0;

  constructor(options: Options<One, Outcome>) {
    this.#with = options;
  }

  /**
   * Resolves to what the service answers. Rejects if this one try has failed, of which `onError` has heard, or where
   * `signal` is aborted before.
   */
  async ask(item: One, signal: AbortSignal): Promise<Outcome> {
    return await new Promise<Outcome>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const asked: Asked<Outcome> = {
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
        this.#waiting.delete(asked);
        reject(signal.reason);
      });
      this.#waiting.set(asked, item);
      if (this.#requests < MOST_REQUESTS) void this.#sendAll();
    });
  }

  /** Ends what is under way: nobody waits for it any more. */
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

  #take(): [Asked<Outcome>, One][] {
    const batch: [Asked<Outcome>, One][] = [];
    let most = LARGEST_REQUEST;
    for (const [asked, item] of this.#waiting) {
      const limit = Math.min(most, this.#limits.get(item.job) ?? LARGEST_REQUEST);
      if (batch.length >= limit) continue;
      most = limit;
      batch.push([asked, item]);
      this.#waiting.delete(asked);
    }
    return batch;
  }

  async #send(batch: [Asked<Outcome>, One][]): Promise<void> {
    const { worker, send } = this.#with;
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
        const outcome = outcomes.get(job.lease);
        if (outcome === undefined) reject(new ConnectionError(`The answer does not name ${job.lease}.`));
        else resolve(outcome);
      }
    } catch (error) {
      if (!this.#over.signal.aborted) this.#fail(batch, error);
    }
  }

  #fail(batch: [Asked<Outcome>, One][], error: unknown): void {
    const { worker, change } = this.#with;
    // It may have been too large for a proxy. What is not answered may have a lease that somebody has locked: the others
    // must get away from it before their leases end.
    const isAnswered = error instanceof ProblemError && !isProblem(error, 'contended');
    const least = isAnswered ? 1 : Math.ceil(worker.concurrency / MOST_PARTS);
    const limit = Math.max(least, Math.floor(batch.length / (isAnswered ? 2 : 8)));
    for (const [, { job }] of batch) this.#limits.set(job, limit);
    worker.onError(error, batch.length === 1 ? batch[0]?.[1].job : undefined);
    const isChanged = change !== undefined && batch.filter(([, item]) => change(item, error)).length > 0;
    // Whose fault a refusal is shows when the halves are sent.
    const isAgain = isChanged || (batch.length > 1 && isRefusal(error));
    for (const [asked, item] of batch) {
      if (isAgain) this.#waiting.set(asked, item);
      else asked.reject(error);
    }
  }
}

/** Of the request, not of the key: the service would refuse that one for each of the jobs. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ProblemError) || error.status === 401 || error.status === 403) return false;
  return isFinal(error, true);
}
