import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { readTraceparent } from './trace.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes that a stream has sent. */
    streamedBytes: number;
  }
}

/**
 * The logging options of an app. A child logger for each request would cost more than the line itself, so the logger
 * returns itself as its child. Lines about a request set `request_id` themselves.
 */
export function loggingTo(log: FastifyBaseLogger) {
  const logger: FastifyBaseLogger = Object.create(log, { child: { value: () => logger } });
  return {
    loggerInstance: logger,
    // logRequests writes one line for each request instead.
    logController: new LogController({ disableRequestLogging: true }),
  };
}

/**
 * Logs one line for each request when its answer is sent, or its connection cut: no query string, which holds the URLs
 * that people view, and no bodies, headers or tokens.
 */
export function logRequests(app: FastifyInstance): void {
  app.decorateRequest('streamedBytes', 0);
  if (!SHOWING.has(app.log.level)) return;
  app.addHook('onRequest', (request, reply, done) => {
    // Not known any more when the connection is closed.
    const remote = request.raw.socket.remoteAddress;
    // onResponse would not see the requests whose client has gone.
    reply.raw.once('close', () => writeLine(request, reply, remote));
    done();
  });
}

function writeLine(request: FastifyRequest, reply: FastifyReply, remote: string | undefined): void {
  const isAborted = !reply.raw.writableFinished;
  // An answer that never began has no status.
  const status = isAborted && !reply.raw.headersSent ? undefined : reply.raw.statusCode;
  const line = {
    request_id: request.id,
    method: request.method,
    path: request.url.split('?', 1)[0],
    key: request.key?.name,
    operation: request.routeOptions.config?.operationId,
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    bytes: bytesOf(request, reply, isAborted),
    // A socket for IPv6 shows IPv4 addresses in this form.
    remote: remote?.replace(/^::ffff:/, ''),
    ...(isAborted && { aborted: true }),
    ...readTraceparent(request.headers['traceparent']),
  };
  const level = request.routeOptions.config?.quiet ? 'debug' : 'info';
  request.log[level](line, `${line.method} ${line.path} ${isAborted ? 'aborted' : status}`);
}

/** The bytes of the body that was sent; undefined if only a part was sent, because the parts are not counted. */
function bytesOf(request: FastifyRequest, reply: FastifyReply, isAborted: boolean): number | undefined {
  if (request.streamedBytes > 0) return request.streamedBytes;
  if (isAborted) return reply.raw.headersSent ? undefined : 0;
  const isBodiless = request.method === 'HEAD' || reply.statusCode === 204 || reply.statusCode === 304;
  const length = reply.getHeader('content-length');
  if (isBodiless) return 0;
  return length === undefined ? undefined : Number(length);
}

/** The levels at which these lines are shown. */
const SHOWING = new Set(['trace', 'debug', 'info']);
