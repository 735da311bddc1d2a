import type { Socket } from 'node:net';
import { Problem, type ProblemCode } from '../problems.js';
import { uuidv7 } from '../uuid.js';
import type { Connections } from './connections.js';
import type { LastAnswer } from './last-answer.js';
import { describe } from './problem-details.js';

const CODES: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers input that is not HTTP, too long or too slow to become a request, and ends the connection. */
export function answerClientErrors(connections: Connections) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    const connection = connections.at(socket);
    // After the answer the parser reports an error for each further part that is discarded.
    if (connection?.isEnding && PARSER.test(error.code ?? '')) return;
    if (!connection || connection.isLingering || error.code === 'ECONNRESET' || !socket.writable)
      socket.destroy();
    else connection.endWith(answerTo(error));
  };
}

/** Errors of the HTTP parser. */
const PARSER = /^HPE_/;

function answerTo(error: Error & { code?: string }): LastAnswer {
  const code = CODES[error.code ?? ''] ?? 'malformed_request';
  const problem = new Problem(code, error.message);
  const requestId = uuidv7();
  const body = JSON.stringify(describe(problem, '*', requestId));
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  };
  return { status: problem.status, headers, body };
}
