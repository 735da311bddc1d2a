import type { Deadline } from './deadline.js';
import { ConnectionError, ProblemError } from './errors.js';
import type { Problem } from './generated/schemas.js';
import type { HttpRequest, Route } from './request.js';
import { retryAfterOf } from './retry.js';
import { fits, isRecord } from './shape.js';

export type Fetch = typeof globalThis.fetch;

/**
 * Resolves to the head of a success, and throws for any other answer. A redirect is not followed: fetch would turn a
 * POST into a GET, or send the body elsewhere.
 */
export async function ask(fetch: Fetch, request: HttpRequest, deadline: Deadline): Promise<Response> {
  const { url, ...init } = request;
  const response = await fetch(url, { ...init, redirect: 'manual', signal: deadline.signal }).catch(
    (error: unknown) => {
      throw lost(error, deadline.signal);
    },
  );
  if (response.ok) return response;
  const text = await textOf(response, deadline);
  const problem = problemOf(response, text);
  if (!problem) throw foreign(response, text);
  throw new ProblemError(response.status, problem, { retryAfter: retryAfterOf(response.headers) });
}

/** The body of a success, as the route says. Throws if it is not of the shape that the service sends. */
export async function answerOf(route: Route, response: Response, deadline: Deadline): Promise<unknown> {
  const shape = route.successes[response.status];
  if (shape === undefined) throw foreign(response, await textOf(response, deadline));
  if (route.answer === 'bytes') return await bytesOf(response, deadline);
  const text = await textOf(response, deadline);
  const body = shape === 'nothing' ? undefined : parsed(text);
  if (shape !== 'nothing' && !fits(body, shape)) throw foreign(response, text);
  if (route.answer !== 'jsonWithStatus') return body;
  return { status: response.status, ...(isRecord(body) && body) };
}

async function bytesOf(response: Response, deadline: Deadline): Promise<Uint8Array<ArrayBuffer>> {
  if (!isOfType(response, 'application/octet-stream')) {
    throw foreign(response, await textOf(response, deadline));
  }
  const buffer = await response.arrayBuffer().catch((error: unknown) => {
    throw lost(error, deadline.signal);
  });
  return new Uint8Array(buffer);
}

/** What something in front of the service answered in its place. */
export function foreign({ status, headers }: Response, text: string): ProblemError {
  const location = headers.get('location');
  const whole = location === null ? text : `Location: ${location} ${text}`;
  return new ProblemError(status, {}, { retryAfter: retryAfterOf(headers), foreign: whole });
}

/**
 * The error of a request without an answer: the reason of the caller's signal if it is aborted, or a ConnectionError.
 */
export function lost(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  // The message of fetch is always "fetch failed"; what has happened is in the cause.
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const message = cause instanceof Error && cause.message ? cause.message : String(error);
  return new ConnectionError(message, { cause: error });
}

async function textOf(response: Response, deadline: Deadline): Promise<string> {
  return await response.text().catch((error: unknown) => {
    throw lost(error, deadline.signal);
  });
}

/** Undefined if it is not a problem of the service, but the page of a proxy, for example. */
function problemOf(response: Response, text: string): Partial<Problem> | undefined {
  if (!isOfType(response, 'application/problem+json')) return undefined;
  const problem = parsed(text);
  return isRecord(problem) && typeof problem['code'] === 'string' ? problem : undefined;
}

function isOfType({ headers }: Response, type: string): boolean {
  return headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() === type;
}

/** Undefined if it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
