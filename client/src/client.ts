import { type Call, callsOf } from './calls.js';
import { CALL_OPTIONS, CLIENT_OPTIONS } from './client-options.js';
import { Deadline } from './deadline.js';
import { isTransient } from './errors.js';
import { answerOf, ask, type Fetch } from './exchange.js';
import type { PictRepo } from './generated/repos.js';
import { checkOptions } from './options.js';
import { repeatable } from './repeatable.js';
import { type Params, requestOf } from './request.js';
import { persist } from './retry.js';
import { SILENCE_SECONDS, stream } from './stream.js';

export interface ClientOptions {
  /** Where the service listens, without `/v1`. */
  baseUrl: string;
  /** Sent as `Authorization: Bearer`. */
  key?: string | undefined;
  /** In place of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** How often a call is tried again, unless the call says otherwise; by default 5. */
  retries?: number | undefined;
  /**
   * How many seconds one try may take, or a stream be silent, unless the call says otherwise; by default 30, and 60.
   */
  timeoutSeconds?: number | undefined;
}

/** The longest that a pop waits which does not say how long: the service's configuration decides. */
const LONGEST_WAIT_SECONDS = 55;

/**
 * @throws {TypeError | RangeError} if an option is not as ClientOptions says. Each call checks its options likewise.
 */
export function createClient(options: ClientOptions): PictRepo {
  checkOptions('createClient', options, CLIENT_OPTIONS);
  CLIENT_OPTIONS.baseUrl('baseUrl', options.baseUrl);
  // The browser's fetch refuses to be called as a method of another object.
  const fetch: Fetch = options.fetch ?? ((...args) => globalThis.fetch(...args));
  const target = { baseUrl: options.baseUrl, key: options.key };

  return callsOf((call) => (call.route.answer === 'stream' ? streamOf(call) : answer(call)));

  async function answer({ operationId, route, params, body, options: own }: Call): Promise<unknown> {
    checkOptions(operationId, own, CALL_OPTIONS);
    const named = repeatable(operationId, body);
    const request = requestOf(target, route, params, named.body);
    const seconds = (own.timeoutSeconds ?? options.timeoutSeconds ?? 30) + waitOf(operationId, params, body);
    const tryOnce = async (): Promise<unknown> => {
      const deadline = new Deadline(own.signal);
      deadline.start(seconds);
      try {
        return await answerOf(route, await ask(fetch, request, deadline), deadline);
      } finally {
        deadline.close();
      }
    };
    const most = retriesOf(own.retries);
    const goesOn = (error: unknown, retries: number) => retries < most && isTransient(error);
    return named.restore(await persist(tryOnce, { goesOn, signal: own.signal }));
  }

  function streamOf({ operationId, route, params, options: own }: Call): unknown {
    checkOptions(operationId, own, CALL_OPTIONS);
    const requestFor = (now: Params) => requestOf(target, route, now, undefined);
    const retries = retriesOf(own.retries);
    const silenceSeconds = own.timeoutSeconds ?? options.timeoutSeconds ?? SILENCE_SECONDS;
    return stream(operationId, requestFor, params, { fetch, retries, silenceSeconds, signal: own.signal });
  }

  function retriesOf(own: number | undefined): number {
    return own ?? options.retries ?? 5;
  }
}

function waitOf(operationId: string, params: Params, body: unknown): number {
  if (typeof params['wait'] === 'number') return params['wait'];
  if (operationId !== 'queue.pop' || typeof body !== 'object' || !body) return 0;
  return 'wait_seconds' in body && typeof body.wait_seconds === 'number'
    ? body.wait_seconds
    : LONGEST_WAIT_SECONDS;
}
