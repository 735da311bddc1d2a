import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '../address.js';
import { brief } from '../brief.js';
import { Problem, unavailable } from '../problems.js';
import { crossSiteRefusal } from './cross-site.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Why the request may change nothing, where a page of another origin has sent it. */
    crossSiteRefusal: (request: FastifyRequest) => Problem | undefined;
  }
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** These headers make a change conditional, partial or another one. Ignoring them would do the wrong thing. */
const UNSUPPORTED = [
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'content-range',
  'x-http-method-override',
];

/**
 * Refuses bad requests on every route, before their body is read.
 *
 * @param localOnly whether the Host header must name this machine
 * @param origins whose pages may send changes; undefined allows all
 */
export function guardRequests(
  app: FastifyInstance,
  localOnly: boolean,
  origins: ReadonlySet<string> | undefined,
): void {
  app.decorate('crossSiteRefusal', (request) => origins && crossSiteRefusal(request, origins));
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });

  // An answer that began before may have announced keep-alive. Its connection would keep the server from closing.
  app.addHook('onResponse', (request, _reply, done) => {
    if (closing) request.raw.socket.end();
    done();
  });

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    if (request.routeOptions.config?.probe) done();
    else done(closing ? SHUTTING_DOWN : refusalOf(request, localOnly, origins));
  });
}

const SHUTTING_DOWN = unavailable(
  'shutting_down',
  'This process is shutting down; ask another or try again.',
);

function refusalOf(
  request: FastifyRequest,
  localOnly: boolean,
  origins: ReadonlySet<string> | undefined,
): Problem | undefined {
  const { host, expect, 'content-encoding': encoding = 'identity' } = request.headers;
  if (host === undefined) return new Problem('malformed_request', 'The Host header is missing.');
  if (countHosts(request.raw.rawHeaders) !== 1) {
    return new Problem('malformed_request', 'There is more than one Host header.');
  }
  if (localOnly && !isOwnHost(host)) {
    return new Problem('misdirected_request', 'The service answers for localhost only: it has no keys.');
  }
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return new Problem('expectation_failed', `The expectation "${brief(expect)}" is not known.`);
  }
  if (encoding.toLowerCase() !== 'identity') {
    return new Problem(
      'unsupported_content_encoding',
      `The body must not be encoded (it is "${brief(encoding)}").`,
    );
  }
  if (!isQueryDecodable(request.url)) {
    return new Problem('malformed_request', 'The query string is not percent-encoded UTF-8.');
  }
  return READING.has(request.method) ? undefined : changeRefusal(request, origins);
}

/** Further refusals for methods that change something. */
function changeRefusal(
  request: FastifyRequest,
  origins: ReadonlySet<string> | undefined,
): Problem | undefined {
  const unsupported = UNSUPPORTED.find((name) => request.headers[name] !== undefined);
  if (unsupported !== undefined) {
    return new Problem(
      'invalid_request',
      `The header "${unsupported}" is not supported: the change would be made without it.`,
    );
  }
  return origins && crossSiteRefusal(request, origins);
}

/** Counts Host headers: Node keeps the first and drops the others. Names and values alternate in the list. */
function countHosts(rawHeaders: string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') count++;
  }
  return count;
}

/**
 * Without keys, only names of this machine are accepted: with DNS rebinding, a page of another site whose name was
 * pointed at 127.0.0.1 sends that site's name as Host.
 */
function isOwnHost(host: string): boolean {
  if (host === lastOwn) return true;
  if (!isLoopback(host.replace(/:\d*$/, ''))) return false;
  lastOwn = host;
  return true;
}

/** The last accepted value, because most requests have the same. */
let lastOwn: string | undefined;

/** A lenient decoder would replace bad bytes by U+FFFD, and the request would be about something else. */
function isQueryDecodable(url: string): boolean {
  const query = url.indexOf('?');
  const encoded = query === -1 ? -1 : url.indexOf('%', query);
  if (encoded === -1) return true;
  try {
    decodeURIComponent(url.slice(encoded));
    return true;
  } catch {
    return false;
  }
}
