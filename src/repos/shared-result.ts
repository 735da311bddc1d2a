import Type from 'typebox';
import { Problem } from '../problems.js';

/** How long a request waits for a result. The computation goes on for the next one. */
const MAX_WAIT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;
/** A result that took no longer is not kept: each request gets one that has all from before it. */
const QUICK_MS = 500;
/** A kept result is computed anew when it is so many times as old as it took. */
const RENEW_FACTOR = 20;
/** It is answered meanwhile, unless it is older than this. */
const MAX_AGE_MS = 3_600_000;

/** The parameter of a route that answers a shared result. */
export const MaxAge = Type.Integer({
  minimum: 0,
  maximum: 86_400,
  description:
    'How many seconds ago the figures may have been begun; 0 where they are to have all from before the request. Where ' +
    'nothing is said, they may be kept for a while.',
});

interface Latest<Result> {
  result: Result;
  begunAt: number;
  endedAt: number;
  tookMs: number;
}

/**
 * A result whose computation may take long. It is computed once for all who ask meanwhile, and one that took long is kept.
 * Nobody waits longer than MAX_WAIT_MS.
 */
export class SharedResult<Result extends { as_of: string }> {
  readonly #compute: () => Promise<Result>;
  #latest: Latest<Result> | undefined;
  #running: Promise<Result> | undefined;
  /** When the running one began. */
  #begunAt = 0;
  /** The computation after the running one, for requests that came after that had begun. */
  #next: Promise<Result> | undefined;

  constructor(compute: () => Promise<Result>) {
    this.#compute = compute;
  }

  /**
   * @param maxAgeSeconds how long ago it may have been begun; undefined where it may be kept
   * @throws Problem 503 `figures_not_ready`; what the computation throws
   */
  async read(maxAgeSeconds?: number): Promise<Result> {
    const latest = this.#latest;
    if (maxAgeSeconds !== undefined) return await this.#since(performance.now() - 1000 * maxAgeSeconds);
    if (!latest || latest.tookMs <= QUICK_MS) return await this.#inTime(latest ? this.#anew() : this.#join());
    const age = performance.now() - latest.endedAt;
    const computed = age > latest.tookMs * RENEW_FACTOR ? this.#join() : undefined;
    if (age > MAX_AGE_MS && computed) return await this.#inTime(computed);
    computed?.catch(() => {});
    return latest.result;
  }

  /** One that was begun then or later. */
  async #since(time: number): Promise<Result> {
    if (this.#latest && this.#latest.begunAt >= time) return this.#latest.result;
    return await this.#inTime(this.#begunAt >= time ? this.#join() : this.#anew());
  }

  #anew(): Promise<Result> {
    if (!this.#running) return this.#join();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#join();
      });
    return this.#next;
  }

  /** The computation that is running, or one that begins now. */
  #join(): Promise<Result> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Result> {
    const begunAt = performance.now();
    this.#begunAt = begunAt;
    const result = await this.#compute();
    const endedAt = performance.now();
    this.#latest = { result, begunAt, endedAt, tookMs: endedAt - begunAt };
    return result;
  }

  async #inTime(computed: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(notReady(this.#latest?.result.as_of)), MAX_WAIT_MS);
    });
    try {
      return await Promise.race([computed, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function notReady(asOf: string | undefined): Problem {
  const last = asOf === undefined ? 'There are none yet' : `The last ones are of ${asOf}`;
  return new Problem('figures_not_ready', `${last}. New ones are being computed: ask again.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(asOf !== undefined && { asOf }),
  });
}
