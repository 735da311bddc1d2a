import type { ProblemCode, ProblemMembers } from './generated/problems.js';
import type { Problem } from './generated/schemas.js';

/** What is known about a refusal, besides the problem itself. */
interface Refusal {
  /** Of Retry-After, in seconds. */
  retryAfter?: number | undefined;
  /** What was received, if it was not the service that answered. */
  foreign?: string;
}

const EXCERPT_CHARACTERS = 200;

/**
 * The service refused the request (RFC 9457), or something in front of the service answered in its place. In the second
 * case it is unknown whether the service did what was requested.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** Stable, for programs. If it was not the service that answered: `http_502`, `http_200` and so on. */
  readonly code: ProblemCode | (string & {});
  readonly requestId: string | undefined;
  /** The existing record because of which a create was refused. */
  readonly existing: Record<string, unknown> | undefined;
  /** Files of a refused upload, which may be deleted now. */
  readonly unneeded: string[] | undefined;
  /** Why a content is blocked. */
  readonly reason: string | undefined;
  /** The state of the job whose lease was lost. */
  readonly state: Problem['state'] | undefined;
  /** What is wrong with the request, and where. */
  readonly errors: Problem['errors'] | undefined;
  /** Of Retry-After, in seconds. */
  readonly retryAfter: number | undefined;
  /** The beginning of what was received, if it was not the service that answered. */
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

/** There was no answer, or only a part of one. It is unknown whether the service did what was requested. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** A stream ended as it never should. Do not trust the rows that were read. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
}

/** A problem with this code, and with the members that such a problem always has, such as `existing`. */
export type ProblemOf<Code extends ProblemCode> = ProblemError & {
  readonly code: Code;
} & (Code extends keyof ProblemMembers ? Readonly<ProblemMembers[Code]> : unknown);

/** Whether `error` is a problem with this code. */
export function isProblem<Code extends ProblemCode>(error: unknown, code: Code): error is ProblemOf<Code> {
  return error instanceof ProblemError && error.code === code;
}

/** Whether the same request may succeed in a moment. A single call is tried again after such an error. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return error instanceof ConnectionError;
  const { status, excerpt } = error;
  if ([408, 429, 502, 503, 504].includes(status)) return true;
  // It was not the service that answered, and nobody said that the request is wrong.
  return excerpt !== undefined && (status < 300 || status >= 500);
}

/**
 * Whether further tries make no sense, so that a loop ends. Once the service has answered, the address is known to be
 * right, and a proxy's 404 is transient.
 */
export function isFinal(error: unknown, hasBeenAnswered: boolean): boolean {
  if (!(error instanceof ProblemError)) return !(error instanceof ConnectionError);
  const { status, excerpt } = error;
  if (status === 401 || status === 403) return true;
  if (excerpt !== undefined) return status === 404 && !hasBeenAnswered;
  return status < 500 && !isTransient(error);
}

/** On one line, without control characters. */
function excerptOf(text: string): string {
  const start = text.slice(0, 10 * EXCERPT_CHARACTERS).replace(/[\s\p{Cc}]+/gu, ' ');
  return start.trim().slice(0, EXCERPT_CHARACTERS).toWellFormed();
}
