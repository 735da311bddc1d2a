import type { ProblemCode } from './generated/problem-code.js';
import type { components } from './generated/schema.js';

export type Problem = components['schemas']['Problem'];

/** The service answered that it did not do it (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** Stable, for programs; `http_502` and the like where a proxy in front answered instead of the service. */
  readonly code: ProblemCode | (string & {});
  readonly requestId: string | undefined;
  /** What stands in the way of a create. */
  readonly existing: Record<string, unknown> | undefined;
  /** Where the job of a lost lease is now. */
  readonly state: Problem['state'] | undefined;
  /** Where the request is wrong. */
  readonly errors: Problem['errors'] | undefined;
  /** Seconds after which the service wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | undefined) {
    const code = problem.code ?? `http_${status}`;
    super(`${code}: ${problem.detail ?? 'No answer of pict-repo.'}`);
    this.status = status;
    this.code = code;
    this.requestId = problem.request_id;
    this.existing = problem.existing;
    this.state = problem.state;
    this.errors = problem.errors;
    this.retryAfter = retryAfter;
  }
}

/** No answer, or only a part of one. Whether the service did what it was asked is unknown. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** A stream that ended as no stream may: what was read of it is not to be trusted. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
}

/** Whether `error` is the problem of that code. */
export function isProblem(error: unknown, code: ProblemCode): error is ProblemError {
  return error instanceof ProblemError && error.code === code;
}

/** Whether the same request may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) return [408, 429, 502, 503, 504].includes(error.status);
  return error instanceof ConnectionError;
}
