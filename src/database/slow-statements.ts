import { listRequesters, type Requesters } from '../requester.js';
import { skeletonOf } from './driver/skeleton.js';

/** A statement that took long. It holds no parameters. */
export interface SlowStatement {
  /** The time between its session and its answer. */
  ms: number;
  /** How long it had waited for a session. */
  waited_ms: number;
  /** Its text, without its parameters and the parts that it shares with others. */
  statement: string | undefined;
  /** The code of the error with which it ended. */
  error?: string;
  /** The operation of the request that it was for, or of the first of several; undefined for work in the background. */
  operation?: string;
  request_id?: string;
  /** How many requests it was for. */
  requests: number;
}

/** What is known of a statement that has ended. */
export interface EndedStatement {
  query: unknown;
  requesters: Requesters | undefined;
  arrivedAt: number;
  begunAt: number;
  error: unknown;
}

/** Reports the statements that take long. */
export class SlowStatements {
  readonly #ms: number;
  readonly #report: (slow: SlowStatement) => void;

  /** @param ms statements that take at least this long are reported; 0 reports none */
  constructor(ms: number, report: (slow: SlowStatement) => void) {
    this.#ms = ms === 0 ? Number.POSITIVE_INFINITY : ms;
    this.#report = report;
  }

  /** To be called when a statement has ended. */
  ended(statement: EndedStatement): void {
    const ms = performance.now() - statement.begunAt;
    if (ms >= this.#ms) this.#report(describe(statement, ms));
  }
}

function describe(
  { query, requesters, arrivedAt, begunAt, error }: EndedStatement,
  ms: number,
): SlowStatement {
  const requests = listRequesters(requesters);
  const [first] = requests;
  return {
    ms: Math.round(ms),
    waited_ms: Math.round(begunAt - arrivedAt),
    statement: skeletonOf(query),
    ...(error !== undefined && { error: codeOf(error) }),
    ...(first && { operation: first.operation, request_id: first.requestId }),
    requests: requests.length,
  };
}

/** Not the message, which may hold values. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
