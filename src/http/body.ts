import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { brief } from '../brief.js';
import { Problem } from '../problems.js';
import { JsonReader, PIECE } from './json-reader.js';
import { isJsonType } from './media-type.js';
import { nextTurn } from './next-turn.js';
import { readBody } from './read-body.js';

/** Many clients send an empty object instead of no body. */
const EMPTY_OBJECT = /^[ \t\r\n]*\{[ \t\r\n]*\}[ \t\r\n]*$/;

/** An unexpected body is never ignored: its sender may have meant it to limit what is removed. */
export const BODY_NOT_TAKEN = new Problem('invalid_request', 'The route takes no body.', {
  errors: [{ path: '/body', reason: 'is not taken' }],
});

/** The longest body on a route without one. It must be read to find out whether it is `{}`. */
export const NO_BODY_BYTES = 1024;

/**
 * Reads bodies, by the config of the route:
 * - `bytes`: any content type; the handler gets the bytes.
 * - `bodyShape`: JSON in strict UTF-8, because a lenient decoder would replace bad bytes. `request.bodyText` is its text.
 * - neither: only an empty body and `{}` are accepted.
 */
export function acceptBodies(app: FastifyInstance): void {
  // Fastify would not read the body of these methods.
  for (const method of ['GET', 'HEAD']) app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.decorateRequest('bodyText', '');
  // Almost all bodies are JSON. Fastify finds a parser faster by the exact content type than by '*'.
  app.addContentTypeParser(['application/json', '*'], (request, payload, done) => {
    const refusal = request.headers['content-length'] === '0' ? undefined : typeRefusal(request);
    if (refusal) {
      done(refusal);
      return;
    }
    readBody(request, payload, (failure, body) => {
      let value: unknown;
      let rest: Promise<unknown> | undefined;
      try {
        if (failure) throw failure;
        if (request.routeOptions.config.bytes) value = body;
        else if (hasJson(request, body)) ({ value, rest } = begin(request, body));
      } catch (error) {
        done(error as Problem);
        return;
      }
      if (rest) rest.then((read) => done(null, read), done);
      else done(null, value);
    });
  });
}

/** Checked before the body is read. */
function typeRefusal({ headers, routeOptions: { config } }: FastifyRequest): Problem | undefined {
  if (config.bytes || config.bodyShape === undefined) return undefined;
  const type = headers['content-type'] ?? '';
  if (isJsonType(type)) return undefined;
  return new Problem(
    'unsupported_media_type',
    `The body must be application/json in UTF-8, not "${brief(type)}".`,
  );
}

function hasJson(request: FastifyRequest, body: Buffer): boolean {
  if (body.length === 0) return false;
  if (request.routeOptions.config.bodyShape === undefined) {
    if (EMPTY_OBJECT.test(body.toString('latin1'))) return false;
    throw BODY_NOT_TAKEN;
  }
  return true;
}

/** Parses a short body at once, and a long one in several turns of the event loop, so that it blocks nobody. */
function begin(request: FastifyRequest, body: Buffer): { value?: unknown; rest?: Promise<unknown> } {
  if (body.length > PIECE) return { rest: readInTurns(request, body) };
  const reader = open(request, body);
  while (!reader.read());
  return { value: reader.value };
}

async function readInTurns(request: FastifyRequest, body: Buffer): Promise<unknown> {
  await nextTurn();
  const reader = open(request, body);
  while (!reader.read()) await nextTurn();
  return reader.value;
}

function open(request: FastifyRequest, body: Buffer): JsonReader {
  request.bodyText = decode(body);
  return new JsonReader(request.bodyText, request.routeOptions.config.bodyShape ?? { kind: 'unknown' });
}

function decode(body: Buffer): string {
  if (!isUtf8(body)) throw new Problem('malformed_json', 'The body is not in UTF-8.');
  return body.toString();
}
