import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '../../src/uuid.js';
import type { PoppedJob, PushedJob } from './queue-client.js';
import type { Outcome, TotalQueue } from './queue-oracle.js';
import { send } from './request.js';

/** Where to ask now, and rather not where it was asked before: services come and go. */
export type Choose = (before: string | undefined) => string | undefined;

interface Told {
  lease: string;
  outcome: Outcome;
  lease_expires_at?: string;
}

interface PopAnswer {
  jobs: PoppedJob[];
  completed?: Told[];
}

/** How often a request is given up before its answer, and after how many milliseconds at most. */
const ABANDONED = 0.25;
const LONGEST_PATIENCE_MS = 400;
/** Between the pushes of a client: all of them together are to leave time for what they meet. */
const LONGEST_PAUSE_MS = 60;

/** Clients that lose patience, ask another replica the same again, and tell the oracle what they heard. */
export class OracleClients {
  readonly #oracle: TotalQueue;
  readonly #choose: Choose;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(oracle: TotalQueue, choose: Choose) {
    this.#oracle = oracle;
    this.#choose = choose;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Pushes one id after the other, each until it is acknowledged, and now and then one that is done again. */
  async push(queue: string, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const { done } = this.#oracle;
      const repeated = Math.random() < 0.3 ? done[Math.floor(Math.random() * done.length)] : undefined;
      const id = repeated ?? uuidv7();
      this.#oracle.tried.add(id);
      const body = { job: { id }, id, max_attempts: 1000 };
      const answer = await this.#insist<PushedJob>(`/queues/${queue}/jobs`, body);
      this.#oracle.notePush(id, answer);
      await sleep(Math.random() * LONGEST_PAUSE_MS);
    }
  }

  /**
   * Pops, and completes with the next pop what it got. Now and then it forgets, is slow and extends its leases, or asks
   * for the same again.
   */
  async work(queue: string, worker: string, isKeyed: boolean, isOver: () => boolean): Promise<void> {
    let done: string[] = [];
    for (let round = 1; !isOver() || done.length > 0; round++) {
      const options = { worker_id: worker, max: 5, wait_seconds: 0.5, lease_seconds: 2 };
      const poll = isKeyed ? { ...options, idempotency_key: `${round}` } : options;
      const body = { ...poll, completed: done };
      const answer = await this.#insist<PopAnswer>(`/queues/${queue}/pop`, body);
      const again: string[] = [];
      for (const { lease, outcome } of answer.completed ?? []) {
        this.#oracle.noteCompletion(lease, outcome);
        if (outcome === 'contended') again.push(lease);
      }
      const jobs = [...answer.jobs];
      if (isKeyed && jobs.length > 0 && Math.random() < 0.2) {
        jobs.push(...(await this.#insist<PopAnswer>(`/queues/${queue}/pop`, poll)).jobs);
      }
      for (const job of jobs) this.#oracle.noteDelivery(job, `${worker} in round ${round}`);
      const leases = new Set(jobs.map(({ lease }) => lease));
      const more = [...leases].filter(() => Math.random() > 0.05);
      if (more.length > 0 && Math.random() < 0.2) await this.#extend(more);
      done = [...again, ...more];
    }
  }

  async #extend(leases: string[]): Promise<void> {
    const answer = await this.#insist<{ results: Told[] }>('/leases/heartbeat', {
      ...{ leases, lease_seconds: 2 },
    });
    for (const { lease, outcome, lease_expires_at } of answer.results) {
      this.#oracle.noteExtension(lease, outcome, lease_expires_at);
    }
  }

  /** The same request again and again, at one replica after the other, until its answer is heard, with success. */
  async #insist<T>(path: string, body: object): Promise<T> {
    let base: string | undefined;
    for (;;) {
      base = this.#choose(base);
      const patience = Math.random() < ABANDONED ? Math.random() * LONGEST_PATIENCE_MS : 15_000;
      const signal = AbortSignal.timeout(Math.ceil(patience));
      try {
        if (base === undefined) throw new Error('no service');
        const { status, text } = await send(`${base}/v1${path}`, this.#agent, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal,
        });
        if (status < 300) return JSON.parse(text);
        if (status !== 503) this.#oracle.violate(`${path}: ${status} ${text}`);
        await sleep(20);
      } catch {
        if (signal.aborted) this.#oracle.counts.abandoned++;
        // Else the service was killed, or is being killed.
        else await sleep(20);
      }
    }
  }
}
