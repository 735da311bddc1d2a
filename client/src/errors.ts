import type { ProblemCode, ProblemMembers } from './generated/problems.js';
import type { Problem } from './generated/schemas.js';

/** What is known of a refusal beside the problem itself. */
interface Refusal {
  /** Seconds after which it wants to be asked again. */
  retryAfter?: number | undefined;
  /** What came, where it was no answer of the service. */
  foreign?: string;
}

const EXCERPT_CHARACTERS = 200;

/**
 * The service answered that it did not do it (RFC 9457), or something in front of it answered in its place. Whether
 * the service did what it was asked is unknown then.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** Stable, for programs; `http_502`, `http_200` and the like where it was not the service that answered. */
  readonly code: ProblemCode | (string & {});
  readonly requestId: string | undefined;
  /** What stands in the way of a create. */
  readonly existing: Record<string, unknown> | undefined;
  /** Files of a refused upload, which may be deleted now. */
  readonly unneeded: string[] | undefined;
  /** Why a content is blocked. */
  readonly reason: string | undefined;
  /** Where the job of a lost lease is now. */
  readonly state: Problem['state'] | undefined;
  /** Where the request is wrong. */
  readonly errors: Problem['errors'] | undefined;
  /** Seconds after which the service wants to be asked again. */
  readonly retryAfter: number | undefined;
  /** The beginning of what came, where it was not the service that answered; else undefined. */
  readonly excerpt: string | undefined;

  constructor(status: number, problem: Partial<Problem>, { retryAfter, foreign }: Refusal = {}) {
    const code = problem.code ?? `http_${status}`;
    const excerpt = foreign === undefined ? undefined : excerptOf(foreign);
    super(`${code}: ${problem.detail ?? `No answer of pict-repo${excerpt ? `: ${excerpt}` : '.'}`}`);
    this.status = status;
    this.code = code;
    this.requestId = problem.request_id;
    this.existing = problem.existing;
    this.unneeded = problem.unneeded;
    this.reason = problem.reason;
    this.state = problem.state;
    this.errors = problem.errors;
    this.retryAfter = retryAfter;
    this.excerpt = excerpt;
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

/** A problem of that code, with what such a problem always has: `existing`, for example. */
export type ProblemOf<Code extends ProblemCode> = ProblemError & {
  readonly code: Code;
} & (Code extends keyof ProblemMembers ? Readonly<ProblemMembers[Code]> : unknown);

/** Whether `error` is the problem of that code. */
export function isProblem<Code extends ProblemCode>(error: unknown, code: Code): error is ProblemOf<Code> {
  return error instanceof ProblemError && error.code === code;
}

/** Whether the same request may succeed in a moment: what a single call is tried again for. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return error instanceof ConnectionError;
  const { status, excerpt } = error;
  if ([408, 429, 502, 503, 504].includes(status)) return true;
  // The service was not heard, and nobody said that the request is wrong.
  return excerpt !== undefined && (status < 300 || status >= 500);
}

/**
 * Whether there is no use in going on: what ends a loop. One that has been answered before knows that the address is
 * right, so that a proxy's 404 passes.
 */
export function isFinal(error: unknown, hasBeenAnswered: boolean): boolean {
  if (!(error instanceof ProblemError)) return !(error instanceof ConnectionError);
  const { status, excerpt } = error;
  if (status === 401 || status === 403) return true;
  if (excerpt !== undefined) return status === 404 && !hasBeenAnswered;
  return status < 500 && !isPassing(error);
}

/** On one line, without what a terminal would obey. */
function excerptOf(text: string): string {
  const start = text.slice(0, 10 * EXCERPT_CHARACTERS).replace(/[\s\p{Cc}]+/gu, ' ');
  return start.trim().slice(0, EXCERPT_CHARACTERS).toWellFormed();
}
