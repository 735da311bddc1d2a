import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '../../src/uuid.js';
import type { PoppedJob } from './queue-client.js';
import { idOf } from './queue-model.js';

/** Where to ask now: services come and go. */
export type Choose = () => string | undefined;

interface PopAnswer {
  jobs: PoppedJob[];
  completed?: { lease: string; outcome: 'completed' | 'gone' | 'lost' }[];
}

/**
 * The total-queue oracle of Jepsen: what is acknowledged comes out, and nothing else. Clients push ids and
 * workers pop them, whatever happens to the services; it notes what both were told.
 */
export class TotalQueue {
  readonly #choose: Choose;
  /** Ids that were sent, and those that were acknowledged. */
  readonly tried = new Set<string>();
  readonly acknowledged = new Set<string>();
  readonly delivered = new Set<string>();
  /** Ids whose completion was acknowledged, with the lease; null where that answer was lost. */
  readonly completed = new Map<string, string | null>();
  /** Ids that may have been completed before their push was acknowledged: the push, repeated, makes them anew. */
  readonly #reborn = new Set<string>();
  readonly violations: string[] = [];

  constructor(choose: Choose) {
    this.#choose = choose;
  }

  /** Pushes one id after the other, each until it is acknowledged. */
  async push(queue: string, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const id = uuidv7();
      this.tried.add(id);
      await this.#insist(`/queues/${queue}/jobs`, { job: { id }, id, max_attempts: 1000 });
      this.acknowledged.add(id);
    }
  }

  /** Pops, and completes with the next pop what it got; now and then it forgets. */
  async work(queue: string, worker: string, isOver: () => boolean): Promise<void> {
    let done: string[] = [];
    for (let round = 1; !isOver() || done.length > 0; round++) {
      // Now, not when the answer comes: that waits for jobs, and the push may be repeated meanwhile.
      for (const id of done.map(idOf)) if (!this.acknowledged.has(id)) this.#reborn.add(id);
      const answer = await this.#insist<PopAnswer>(`/queues/${queue}/pop`, {
        ...{ worker_id: worker, max: 5, wait_seconds: 0.5, lease_seconds: 2, completed: done },
        // Half of the workers would rather have their jobs again than wait for the leases to run out.
        ...(worker.endsWith('0') && { idempotency_key: `${round}` }),
      });
      for (const { lease, outcome } of answer.completed ?? []) this.#noteCompletion(lease, outcome);
      for (const job of answer.jobs) this.#noteDelivery(job);
      done = answer.jobs.map(({ lease }) => lease).filter(() => Math.random() > 0.05);
    }
  }

  #noteCompletion(lease: string, outcome: 'completed' | 'gone' | 'lost'): void {
    const id = idOf(lease);
    if (outcome === 'lost') return;
    const isAgain = outcome === 'completed' && this.completed.get(id);
    if (isAgain && !this.#reborn.has(id)) this.violations.push(`${id} was completed twice`);
    if (outcome === 'completed' || !this.completed.has(id)) {
      this.completed.set(id, outcome === 'completed' ? lease : null);
    }
  }

  #noteDelivery({ id, lease, job }: PoppedJob): void {
    if (!this.tried.has(id)) this.violations.push(`${id} was delivered, and never pushed`);
    if ((job as { id: string }).id !== id)
      this.violations.push(`${id} was delivered with the job of another`);
    const completedBy = this.completed.get(id);
    // An answer that is late may bring a lease from before the completion; a newer one never.
    if (completedBy && claimsOf(lease) > claimsOf(completedBy) && !this.#reborn.has(id)) {
      this.violations.push(`${lease} was delivered after ${completedBy} was completed`);
    }
    this.delivered.add(id);
  }

  /** The same request again and again until it is answered with success. */
  async #insist<T>(path: string, body: object): Promise<T> {
    for (;;) {
      const base = this.#choose();
      try {
        if (base === undefined) throw new Error('no service');
        const response = await fetch(`${base}/v1${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(15_000),
        });
        const text = await response.text();
        if (response.ok) return JSON.parse(text);
        if (response.status !== 503) this.violations.push(`${path}: ${response.status} ${text}`);
      } catch {
        // The service was killed, or is being killed.
      }
      await sleep(20);
    }
  }
}

function claimsOf(lease: string): number {
  return Number(lease.slice(lease.indexOf('.') + 1));
}
