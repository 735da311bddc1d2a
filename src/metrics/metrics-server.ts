import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { isLoopback } from '../address.js';
import { NO_DEFAULT_COMPILERS } from '../http/compilers.js';
import { type Connections, watchConnections } from '../http/connections.js';
import { loggingTo } from '../http/log.js';
import { answerError } from '../http/problem-details.js';
import { refuseUnknownRoutes } from '../http/unknown-routes.js';
import { Problem } from '../problems.js';
import { type Metrics, serveMetrics } from './metrics.js';

/** An app that serves only /metrics, without a key, for a port that only the monitoring can reach. */
export function buildMetricsApp(options: {
  metrics: Metrics;
  log: FastifyBaseLogger;
  host: string;
  connections: Connections;
}): FastifyInstance {
  const { metrics, log, host, connections } = options;
  const app = Fastify({
    ...loggingTo(log),
    schemaController: NO_DEFAULT_COMPILERS,
    serverFactory: (handle) => connections.serve(handle, { requestTimeout: 5000 }),
    forceCloseConnections: true,
  });
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.addHook('onRequest', async (request) => {
    // With DNS rebinding a page of another site sends that site's name as Host.
    if (isLoopback(host) && !isLoopback(request.host.replace(/:\d*$/, ''))) {
      throw new Problem('misdirected_request', 'The service answers for localhost only.');
    }
  });
  refuseUnknownRoutes(app);
  watchConnections(app, connections);
  serveMetrics(app, metrics);
  return app;
}
