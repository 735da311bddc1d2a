import { setTimeout as sleep } from 'node:timers/promises';
import { type Blockable, contended, ROUND_PAUSE_MS } from './blocked-calls.js';

/**
 * Calls whose rows another transaction has locked, of a statement that skips such rows and waits for no lock. So one
 * statement retries all of them: with one for each, a round of hundreds takes longer than they may be blocked.
 */
export class SkippedCalls<Call extends Blockable> {
  readonly #retry: (calls: Call[]) => Promise<Call[]>;
  /** Until when each may be blocked. */
  readonly #until = new Map<Call, number>();
  #running: Promise<void> | undefined;

  /** @param retry answers the calls; resolves to the calls that are still blocked */
  constructor(retry: (calls: Call[]) => Promise<Call[]>) {
    this.#retry = retry;
  }

  add(call: Call): void {
    this.#until.set(call, performance.now() + call.maxBlockedMs);
    this.#running ??= this.#run();
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#until.size > 0) {
      await sleep(ROUND_PAUSE_MS);
      const calls = [...this.#until];
      const blocked = new Set(await this.#retry(calls.map(([call]) => call)));
      const now = performance.now();
      for (const [call, until] of calls) {
        if (blocked.has(call) && now < until) continue;
        this.#until.delete(call);
        if (blocked.has(call)) call.reject(contended());
      }
    }
    this.#running = undefined;
  }
}
