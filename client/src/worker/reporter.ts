import { onAbort } from '../abort.js';
import { ConnectionError, isFinal, ProblemError } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import { persist } from '../retry.js';
import type { Completion } from './completion.js';
import { withinGrace } from './grace.js';
import { comes, pauseWithin, trySeconds } from './lease.js';
import type { Worker } from './options.js';

/** What the service takes in one request. */
const LARGEST_REQUEST = 1000;
/** Several at a time, so that one that is swallowed does not hold up what comes after it. */
const MOST_REQUESTS = 4;

interface Report {
  said: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Says which jobs are done, in requests of their own. What comes while four of them are under way shares the next one.
 * With a request for each job, a worker of a thousand places whose service was away would send a thousand at once, and
 * again and again, as they would all be given up before they are answered.
 *
 * After a request that failed the next has half as many jobs: it may have been too large for a proxy, or one of its
 * leases may be locked.
 */
export class Reporter {
  readonly #repo: PictRepo;
  readonly #worker: Worker;
  readonly #waiting = new Map<Completion, Report>();
  readonly #over = new AbortController();
  #requests = 0;
  #size = LARGEST_REQUEST;

  constructor(repo: PictRepo, worker: Worker) {
    this.#repo = repo;
    this.#worker = worker;
  }

  /** Says it until it is heard. Begins `now`, where no pop is about to carry it, and else when it is due. */
  async insist(completion: Completion, now: boolean): Promise<void> {
    const { due, leaseSeconds, insisting } = completion;
    let next = now ? performance.now() : due;
    for (let failures = 0; await comes(next, insisting.signal); failures += 1) {
      try {
        await this.#say(completion);
      } catch (error) {
        if (isFinal(error, true)) return;
        next = Math.max(due, performance.now() + pauseWithin(leaseSeconds, failures));
      }
    }
  }

  /** Where no pop follows that would carry it. */
  async sayAtEnd(completion: Completion): Promise<void> {
    const { insisting, job } = completion;
    insisting.abort();
    if (completion.isHeard) return;
    const goesOn = (error: unknown) => !isFinal(error, true);
    try {
      await withinGrace(this.#worker, async (signal) => {
        const unfollow = onAbort(signal, () => this.#withdraw(completion, signal.reason));
        await persist(() => this.#say(completion), { goesOn, signal }).finally(unfollow);
      });
    } catch (cause) {
      const message = `Job ${job.id} is done, but the service was not heard to know: it may be done again.`;
      if (!completion.isHeard) this.#worker.onError(new Error(message, { cause }), job);
    }
  }

  /** Nobody waits any more for what is still being said. */
  end(): void {
    this.#over.abort();
  }

  /** Resolves once the service is heard to know. Rejects where this one try has failed; `onError` has heard of it then. */
  #say(completion: Completion): Promise<void> {
    const waiting = this.#waiting.get(completion);
    if (waiting) return waiting.said;
    const report = newReport();
    this.#waiting.set(completion, report);
    if (this.#requests < MOST_REQUESTS) void this.#send();
    return report.said;
  }

  #withdraw(completion: Completion, reason: unknown): void {
    this.#waiting.get(completion)?.reject(reason);
    this.#waiting.delete(completion);
  }

  async #send(): Promise<void> {
    this.#requests += 1;
    // Jobs that end in the same moment share a request.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const reports = [...this.#waiting].slice(0, this.#size);
      for (const [completion] of reports) this.#waiting.delete(completion);
      await this.#sayAll(reports);
    }
    this.#requests -= 1;
  }

  async #sayAll(reports: [Completion, Report][]): Promise<void> {
    let failure: unknown;
    try {
      await this.#request(reports.map(([completion]) => completion));
      this.#size = Math.min(LARGEST_REQUEST, 2 * this.#size);
      failure = new ConnectionError('The answer does not name each lease.');
    } catch (error) {
      this.#size = Math.max(1, Math.floor(reports.length / 2));
      failure = error;
    }
    for (const [completion, { resolve }] of reports) if (completion.isHeard) resolve();
    const unheard = reports.filter(([completion]) => !completion.isHeard);
    const [first] = unheard;
    if (!first || this.#over.signal.aborted) return;
    this.#worker.onError(failure, unheard.length === 1 ? first[0].job : undefined);
    const isChanged = unheard.filter(([completion]) => completion.dropResult(failure)).length > 0;
    // Whose fault a refusal is shows when the halves are sent.
    const isAgain = isChanged || (unheard.length > 1 && isRefusal(failure));
    for (const [completion, report] of unheard) {
      if (isAgain) this.#say(completion).then(report.resolve, report.reject);
      else report.reject(failure);
    }
  }

  async #request(completions: Completion[]): Promise<void> {
    const leases = completions.map(({ said }) => said);
    const timeoutSeconds = trySeconds(Math.min(...completions.map(({ leaseSeconds }) => leaseSeconds)));
    const { results } = await withinGrace(
      this.#worker,
      (signal) => this.#repo.queue.completeMany({ leases }, { signal, retries: 0, timeoutSeconds }),
      this.#over.signal,
    );
    const outcomes = new Map(results.map(({ lease, outcome }) => [lease, outcome]));
    for (const completion of completions) {
      const outcome = outcomes.get(completion.lease);
      if (outcome) completion.hear(outcome);
    }
  }
}

function newReport(): Report {
  let resolve = (): void => {};
  let reject = (_error: unknown): void => {};
  const said = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { said, resolve, reject };
}

/** Of the request, not of the key: the service would refuse that one for each of the jobs. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ProblemError && isFinal(error, true) && error.status !== 401 && error.status !== 403
  );
}
