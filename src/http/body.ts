import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problems.js';
import { JsonReader, PIECE } from './json-reader.js';
import { readBody } from './read-body.js';
import { turn } from './turns.js';

/** RFC 8259: JSON is in UTF-8; a charset that says so is taken, any other is not. */
const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i;

/** Many clients send it where they have nothing to say. */
const EMPTY_OBJECT = /^[ \t\r\n]*\{[ \t\r\n]*\}[ \t\r\n]*$/;

/** What a body says might be meant to spare something from a removal, so it is never passed over. */
export const BODY_NOT_TAKEN = new Problem('invalid_request', 'The route takes no body.', {
  errors: [{ path: '/body', reason: 'is not taken' }],
});

/** The longest body of a route that takes none; it has to be read before it is known to be `{}`. */
export const NO_BODY_BYTES = 1024;

/**
 * JSON bodies: decoded as strict UTF-8 (a lenient decoder replaces bad bytes silently), and read as the route's shape
 * says. The text is kept as `request.bodyText`. No body is undefined, whatever the content type says.
 * A route with `config.bytes` takes any content type and gets the bytes as they are. A route without a schema
 * for its body refuses every body but an empty one and `{}`, of any method and content type.
 */
export function acceptBodies(app: FastifyInstance): void {
  // The framework would leave the body of these unread.
  for (const method of ['GET', 'HEAD']) app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.decorateRequest('bodyText', '');
  // JSON is what almost all bodies are: by its name the framework finds the parser without taking the type apart.
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

/** Said before the body is read, which can be long. */
function typeRefusal({ headers, routeOptions: { config } }: FastifyRequest): Problem | undefined {
  if (config.bytes || config.bodyShape === undefined) return undefined;
  const type = headers['content-type'] ?? '';
  if (type === 'application/json' || JSON_TYPE.test(type)) return undefined;
  return new Problem('unsupported_media_type', `The body must be application/json, not "${type}".`);
}

function hasJson(request: FastifyRequest, body: Buffer): boolean {
  if (body.length === 0) return false;
  if (request.routeOptions.config.bodyShape === undefined) {
    if (EMPTY_OBJECT.test(body.toString('latin1'))) return false;
    throw BODY_NOT_TAKEN;
  }
  return true;
}

/** A short body is read at once, a long one in turns of the event loop, so that others are served meanwhile. */
function begin(request: FastifyRequest, body: Buffer): { value?: unknown; rest?: Promise<unknown> } {
  if (body.length > PIECE) return { rest: readInTurns(request, body) };
  const reader = open(request, body);
  while (!reader.read());
  return { value: reader.value };
}

async function readInTurns(request: FastifyRequest, body: Buffer): Promise<unknown> {
  await turn();
  const reader = open(request, body);
  while (!reader.read()) await turn();
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
