import { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';

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
 * Logs one line for each request: no query string, which holds the URLs that people view, and no bodies, headers or
 * tokens.
 */
export function logRequests(app: FastifyInstance): void {
  if (!SHOWING.has(app.log.level)) return;
  app.addHook('onResponse', (request, reply, done) => {
    done();
    const line = {
      request_id: request.id,
      method: request.method,
      path: request.url.split('?', 1)[0],
      key: request.key?.name,
      operation: request.routeOptions.config?.operationId,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    const level = request.routeOptions.config?.quiet ? 'debug' : 'info';
    request.log[level](line, `${line.method} ${line.path} ${line.status}`);
  });
}

/** The levels at which these lines are shown. */
const SHOWING = new Set(['trace', 'debug', 'info']);
