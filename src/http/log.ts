import { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';

/**
 * How an app logs. A logger for each request, which puts its id into its lines, would cost more than the line: those
 * who log about a request say its id themselves. So the logger is its own child.
 */
export function loggingTo(log: FastifyBaseLogger) {
  const logger: FastifyBaseLogger = Object.create(log, { child: { value: () => logger } });
  return {
    loggerInstance: logger,
    // One line for each request, made below.
    logController: new LogController({ disableRequestLogging: true }),
  };
}

/**
 * One line for each request. The path goes in without its query string, which holds the URLs that people
 * view; bodies, headers and with them all tokens never do.
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

/** The levels at which such a line is seen. */
const SHOWING = new Set(['trace', 'debug', 'info']);
