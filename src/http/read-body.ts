import type { IncomingMessage } from 'node:http';
import { errorCodes, type FastifyRequest } from 'fastify';
import { Problem, unavailable } from '../problems.js';
import { BYTES_PER_TURN } from './in-turns.js';

/** The first size of the buffer: most bodies are smaller. */
const FIRST_BYTES = 4096;

/** Up to this length a body is never refused for lack of memory, and the connection is kept if the request is refused. */
export const SMALL_BODY_BYTES = 64 * 1024;

/**
 * Reads a body into one growing buffer. A list of chunks would take hundreds of bytes per chunk, and a chunk may be a
 * single byte. Refuses a body that exceeds the limit of the route or the memory for bodies.
 */
export function readBody(
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | null, body: Buffer) => void,
): void {
  const { raw, server, routeOptions } = request;
  const { bodyLimit: limit } = routeOptions;
  const declared = Number(raw.headers['content-length'] ?? limit);
  if (declared > limit) {
    done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE(), EMPTY);
    return;
  }
  const connection = server.connections.of(raw);
  const response = connection?.response;
  if (raw.headers.expect !== undefined) response?.writeContinue();
  let body = Buffer.allocUnsafe(Math.min(declared, FIRST_BYTES));
  let length = 0;
  let nextTurn = BYTES_PER_TURN;
  payload.on('data', take);
  payload.on('end', end);
  payload.on('error', end);

  function take(chunk: Buffer): void {
    if (length + chunk.length > limit) {
      finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      return;
    }
    if (connection?.receive(chunk.length) === false) {
      finish(unavailable('overloaded', 'Too many large bodies are being received.'));
      return;
    }
    if (length + chunk.length > body.length) {
      const larger = Buffer.allocUnsafe(Math.min(declared, Math.max(4 * body.length, length + chunk.length)));
      body.copy(larger, 0, 0, length);
      body = larger;
    }
    length += chunk.copy(body, length);
    if (length < nextTurn) return;
    nextTurn = length + BYTES_PER_TURN;
    payload.pause();
    server.connections.bodies.add(payload);
  }

  function end(error?: Error): void {
    if (response?.writableEnded) ignore();
    else finish(error ? new Problem('malformed_request', 'The body was cut off.') : null);
  }

  function finish(error: Error | null): void {
    const whole = error ? EMPTY : body.subarray(0, length);
    ignore();
    done(error, whole);
  }

  /** Stops reading. Also used after a framing error, which was answered already. */
  function ignore(): void {
    payload.off('data', take);
    payload.off('end', end);
    payload.off('error', end);
    body = EMPTY;
  }
}

const EMPTY = Buffer.alloc(0);

/** True while a large part of the body is still to be received. */
export function isArriving({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  const { expect, 'transfer-encoding': encoding, 'content-length': length = '0' } = headers;
  return (
    encoding !== undefined || Number(length) > SMALL_BODY_BYTES || (expect !== undefined && length !== '0')
  );
}
