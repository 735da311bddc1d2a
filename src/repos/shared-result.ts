import Type from 'typebox';
import { Problem } from '../problems.js';
import { SharedRun } from './shared-run.js';

/** How long a request waits for a result by default. The computation continues for later requests. */
const MAX_WAIT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;
/**
 * A result that took less time is not kept: each request gets one that includes everything committed before the
 * request.
 */
const QUICK_MS = 500;
/** A kept result is renewed when its age is this many times the duration of its computation. */
const RENEW_FACTOR = 20;
/** While it is renewed, requests get the old result, up to this age. */
const MAX_AGE_MS = 3_600_000;

/** The parameter of a route that answers a shared result. */
export const MaxAge = Type.Integer({
  minimum: 0,
  maximum: 86_400,
  description:
    'How old the figures may be, in seconds since the count began; 0 for figures that include everything from before ' +
    'the request. By default they may be older, up to an hour.',
});

interface Latest<Result> {
  result: Result;
  begunAt: number;
  endedAt: number;
  tookMs: number;
}

/**
 * A result whose computation may take long. Concurrent requests share a computation, and a result that took long is
 * kept. A request waits no longer than `maxWaitMs`.
 */
export class SharedResult<Result extends { as_of: string }> {
  readonly #compute: () => Promise<Result>;
  readonly #maxWaitMs: number;
  #latest: Latest<Result> | undefined;
  readonly #runs = new SharedRun(() => this.#run());
  /** When the running computation began. */
  #begunAt = 0;

  constructor(compute: () => Promise<Result>, maxWaitMs: number = MAX_WAIT_MS) {
    this.#compute = compute;
    this.#maxWaitMs = maxWaitMs;
  }

  /**
   * @param maxAgeSeconds the allowed age of the result, counted from the start of its computation; undefined allows a
   *   kept result of any age up to MAX_AGE_MS
   * @throws Problem 503 `figures_not_ready`, and errors of the computation
   */
  async read(maxAgeSeconds?: number): Promise<Result> {
    const latest = this.#latest;
    if (maxAgeSeconds !== undefined) return await this.#since(performance.now() - 1000 * maxAgeSeconds);
    if (!latest || latest.tookMs <= QUICK_MS)
      return await this.#inTime(latest ? this.#runs.anew() : this.#runs.join());
    const age = performance.now() - latest.endedAt;
    const computed = age > latest.tookMs * RENEW_FACTOR ? this.#runs.join() : undefined;
    if (age > MAX_AGE_MS && computed) return await this.#inTime(computed);
    computed?.catch(() => {});
    return latest.result;
  }

  /** A result whose computation began at this time or later. */
  async #since(time: number): Promise<Result> {
    if (this.#latest && this.#latest.begunAt >= time) return this.#latest.result;
    return await this.#inTime(this.#begunAt >= time ? this.#runs.join() : this.#runs.anew());
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
      timer = setTimeout(() => reject(notReady(this.#latest?.result.as_of)), this.#maxWaitMs);
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
