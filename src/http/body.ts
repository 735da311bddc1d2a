import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problems.js';
import { checkJsonText } from './json-text.js';
import { readBody } from './read-body.js';

/** RFC 8259: JSON is in UTF-8; a charset that says so is taken, any other is not. */
const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i;

/**
 * JSON bodies: decoded as strict UTF-8 (a lenient decoder replaces bad bytes silently), checked as text,
 * parsed. The text is kept as `request.bodyText`. No body is undefined, whatever the content type says.
 * A route with `config.bytes` takes any content type and gets the bytes as they are.
 */
export function acceptBodies(app: FastifyInstance): void {
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
      let parsed: unknown;
      try {
        if (failure) throw failure;
        parsed = read(request, body);
      } catch (error) {
        done(error as Problem);
        return;
      }
      done(null, parsed);
    });
  });
}

/** Said before the body is read, which can be long. */
function typeRefusal({ headers, routeOptions }: FastifyRequest): Problem | undefined {
  if (routeOptions.config.bytes || routeOptions.schema?.body === undefined) return undefined;
  const type = headers['content-type'] ?? '';
  if (type === 'application/json' || JSON_TYPE.test(type)) return undefined;
  return new Problem('unsupported_media_type', `The body must be application/json, not "${type}".`);
}

function read(request: FastifyRequest, body: Buffer): unknown {
  if (request.routeOptions.config.bytes) return body;
  // A body that nobody asked for is not looked at.
  if (body.length === 0 || request.routeOptions.schema?.body === undefined) return undefined;
  request.bodyText = decode(body);
  checkJsonText(request.bodyText);
  return parse(request.bodyText);
}

function decode(body: Buffer): string {
  if (!isUtf8(body)) throw new Problem('malformed_json', 'The body is not in UTF-8.');
  return body.toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('malformed_json', error instanceof Error ? error.message : 'The body is not JSON.');
  }
}
