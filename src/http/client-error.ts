import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem, type ProblemCode } from '../problems.js';
import { uuidv7 } from '../uuid.js';
import { describe } from './problem-details.js';

const CODES: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** How long the client has to read the answer. */
const LINGER_MS = 1000;

/** Answers what never became a request, because it is no HTTP, too long or too slow; then hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = CODES[error.code ?? ''] ?? 'malformed_request';
  const problem = new Problem(code, error.message);
  const requestId = uuidv7();
  const body = JSON.stringify(describe(problem, '*', requestId));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  // Whoever never ends its side would keep the connection for ever; cut at once, the answer might not arrive.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
