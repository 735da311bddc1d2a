import { isFinal, isProblem } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import { persist } from '../retry.js';
import type { Completion, Outcome } from './completion.js';
import { contended, Gathered } from './gathered.js';
import { withinGrace } from './grace.js';
import { pauseWithin, waitUntil } from './lease.js';
import type { Worker } from './options.js';

/** Reports completed jobs in requests of their own, beside the pops. */
export class Reporter {
  readonly #worker: Worker;
  readonly #completions: Gathered<Completion, Outcome>;

  constructor({ queue }: PictRepo, worker: Worker) {
    this.#worker = worker;
    this.#completions = new Gathered<Completion, Outcome>({
      worker,
      send: async (completions, options) => {
        const leases = completions.map(({ doneLease }) => doneLease);
        const { results } = await queue.completeMany({ leases }, options);
        return new Map(
          results.map(({ lease, outcome }) => [lease, outcome === 'contended' ? contended() : outcome]),
        );
      },
      change: (completion, error) => completion.dropResult(error),
    });
  }

  /**
   * Reports the completion until the service has acknowledged it, in place of earlier reports of it.
   *
   * @param now whether no pop will carry it soon; otherwise the report begins when the lease would have to be extended
   */
  async reportUntilAcknowledged(completion: Completion, now: boolean): Promise<void> {
    const { due, leaseSeconds } = completion;
    const signal = completion.startReporting();
    let next = now ? performance.now() : due;
    for (let failures = 0; await waitUntil(next, signal); failures += 1) {
      try {
        completion.acknowledge(await this.#completions.ask(completion, signal));
      } catch (error) {
        if (isFinal(error, true)) return;
        const soon = performance.now() + pauseWithin(leaseSeconds, failures);
        // A job is rarely locked for long. After other failures a pop may carry it first.
        next = isProblem(error, 'contended') ? soon : Math.max(due, soon);
      }
    }
  }

  /** Reports the completion of a worker that stops: no pop will carry it. */
  async reportAtEnd(completion: Completion): Promise<void> {
    const { job } = completion;
    completion.stopReporting();
    if (completion.isAcknowledged) return;
    const goesOn = (error: unknown) => !completion.isAcknowledged && !isFinal(error, true);
    try {
      await withinGrace(this.#worker, async (signal) => {
        const once = () => this.#completions.ask(completion, signal);
        completion.acknowledge(await persist(once, { goesOn, signal }));
      });
    } catch (cause) {
      const message = `Job ${job.id} is done, but the service has not acknowledged it: it may run again.`;
      if (!completion.isAcknowledged) this.#worker.onError(new Error(message, { cause }), job);
    }
  }

  end(): void {
    this.#completions.end();
  }
}
