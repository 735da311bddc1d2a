import type { Deadline } from './deadline.js';
import { ConnectionError, type Problem, ProblemError } from './errors.js';
import type { HttpRequest, Route } from './request.js';
import { retryAfterOf } from './retry.js';

export type Fetch = typeof globalThis.fetch;

/** The head of a success; anything else is thrown. */
export async function ask(fetch: Fetch, request: HttpRequest, deadline: Deadline): Promise<Response> {
  const { url, ...init } = request;
  const response = await fetch(url, { ...init, signal: deadline.signal }).catch((error: unknown) => {
    throw lost(error, deadline.signal);
  });
  if (response.ok) return response;
  const text = await textOf(response, deadline);
  throw new ProblemError(response.status, problemOf(text), retryAfterOf(response.headers));
}

/** The body of a success, as the route says. */
export async function answerOf(route: Route, response: Response, deadline: Deadline): Promise<unknown> {
  if (route.answer === 'bytes') {
    const buffer = await response.arrayBuffer().catch((error: unknown) => {
      throw lost(error, deadline.signal);
    });
    return new Uint8Array(buffer);
  }
  const text = await textOf(response, deadline);
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (route.answer !== 'jsonWithStatus') return body;
  return { status: response.status, ...(typeof body === 'object' && body) };
}

/** What the caller's abort says; else, whatever fetch says of it, there was no answer. */
export function lost(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  // fetch says "fetch failed" of everything; what has happened is in the cause.
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const message = cause instanceof Error && cause.message ? cause.message : String(error);
  return new ConnectionError(message, { cause: error });
}

async function textOf(response: Response, deadline: Deadline): Promise<string> {
  return await response.text().catch((error: unknown) => {
    throw lost(error, deadline.signal);
  });
}

/** A proxy's page is no problem of the service. */
function problemOf(text: string): Partial<Problem> {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem ? problem : {};
  } catch {
    return {};
  }
}
