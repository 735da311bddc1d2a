import { setTimeout as sleep } from 'node:timers/promises';

/** The members of answers that are used here. openapi/openapi.json has all of them. */
interface Answer {
  status: number;
  retryAfter: string | null;
  unneeded?: string[];
  code?: string;
  detail?: string;
  existing?: { hash?: string };
}

/** A problem of the service (RFC 9457), or `unreachable`. */
export class Refusal extends Error {
  readonly code: string;
  /** Whether any other request would be refused as well. */
  readonly isHopeless: boolean;

  constructor(code: string, detail: string, status?: number) {
    super(detail);
    this.code = code;
    this.isHopeless = status === undefined || [401, 403, 503].includes(status);
  }
}

interface Asking {
  body?: object;
  retries?: number;
}

const RETRIES = 7;
const BACKOFF_MS = 100;

/**
 * Sends a request below /v1, and returns an answer with one of the expected statuses or problem codes. If there is no
 * answer, or the service refuses for the moment, it sends the request again: each request here may be sent twice.
 */
export function askerOf(base: string, key: string | undefined) {
  async function askOnce(method: string, path: string, body: object | undefined): Promise<Answer> {
    const response = await fetch(`${base.replace(/\/+$/, '')}/v1${path}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    return {
      ...(isJson && JSON.parse(text)),
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
    };
  }

  return async (
    method: string,
    path: string,
    expected: (number | string)[],
    { body, retries = RETRIES }: Asking = {},
  ): Promise<Answer> => {
    for (let retry = 0; ; retry += 1) {
      const answer = await askOnce(method, path, body).catch(unreachable);
      const isLost = answer instanceof Refusal;
      if (retry < retries && (isLost || answer.status === 503)) {
        await sleep(isLost ? BACKOFF_MS * 2 ** retry : 1000 * secondsOf(answer.retryAfter));
        continue;
      }
      if (isLost) throw answer;
      const { status, code = `http_${status}`, detail = 'No answer of pict-repo.' } = answer;
      if (expected.includes(status) || expected.includes(code)) return answer;
      throw new Refusal(code, detail, status);
    }
  };
}

function secondsOf(retryAfter: string | null): number {
  const seconds = Number(retryAfter ?? 1);
  return seconds >= 0 && seconds <= 60 ? seconds : 1;
}

/** The message of fetch is always "fetch failed"; what has happened is in the cause. */
function unreachable(error: unknown): Refusal {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return new Refusal('unreachable', String(cause));
  return new Refusal('unreachable', cause.message || ('code' in cause ? String(cause.code) : cause.name));
}
