import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Config } from './config.js';
import type { Health } from './health.js';
import { demandScopes, identifyKeys } from './http/authentication.js';
import { acceptBodies, NO_BODY_BYTES } from './http/body.js';
import { answerClientErrors } from './http/client-error.js';
import { type Connections, watchConnections } from './http/connections.js';
import { serveDocs } from './http/docs.js';
import { guardRequests, refuseOtherMethods, refuseUnknownRoutes } from './http/guard.js';
import { serveHealth } from './http/health.js';
import { loggingTo, logRequests } from './http/log.js';
import { documentRoutes } from './http/openapi.js';
import { servePages } from './http/pages.js';
import { answerError } from './http/problem-details.js';
import { limitRates } from './http/rate-limit.js';
import type { Streams } from './http/streams.js';
import { validatorCompiler } from './http/validation.js';
import type { Keyring } from './keyring.js';
import { type Metrics, serveMetrics } from './metrics/metrics.js';
import { readOrigins } from './origins.js';
import { type Repos, registerRepos } from './repos/index.js';
import { uuidv7 } from './uuid.js';

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const KIB = 1024;

interface AppOptions {
  config: Config;
  keyring: Keyring;
  repos: Repos;
  log: FastifyBaseLogger;
  version: string;
  health: Health;
  metrics: Metrics;
  /** Whether /metrics is served here, and not on a port of its own. */
  showMetrics: boolean;
  streams: Streams;
  connections: Connections;
}

/** The HTTP side of the service, around repos that do the work. Listens to nothing by itself. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, keyring, repos, log, version, health, metrics, streams, connections } = options;
  const requestTimeout = config.REQUEST_TIMEOUT_SECONDS * 1000;
  const app = Fastify({
    ...loggingTo(log),
    requestIdHeader: false,
    genReqId: ({ headers: { 'x-request-id': id } }) =>
      typeof id === 'string' && REQUEST_ID.test(id) ? id : uuidv7(),
    // Routes that take a body say their own.
    bodyLimit: NO_BODY_BYTES,
    serverFactory: (handle) =>
      connections.serve(handle, {
        keepAliveTimeout: 75_000,
        // A URL of 8 KiB, percent-encoded.
        maxHeaderSize: 64 * KIB,
        requireHostHeader: false,
        // The receiving of a request is bounded; the answer of a long poll or of a stream is not.
        requestTimeout,
        // Node takes the two for each other where the headers' is the longer one, and a body then has that long.
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: 1000,
      }),
    routerOptions: { maxParamLength: 64 * KIB },
    // The answer while closing is a problem like all others (guard.ts).
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    // These go round the hooks, and so round what makes a connection end while closing.
    frameworkErrors: (error, request, reply) =>
      answerError(error, request, reply.header('connection', 'close')),
    clientErrorHandler: answerClientErrors(connections),
  });
  app.setValidatorCompiler(validatorCompiler);
  // Handlers make the text themselves (answer.ts): the schemas of answers are for the document and the tests.
  app.setSerializerCompiler(() => JSON.stringify);
  // The framework ends the connection after every body that it could not parse, though it has read the whole.
  app.setErrorHandler((error, request, reply) =>
    answerError(error, request, reply.removeHeader('connection')),
  );
  logRequests(app);
  metrics.observeRequests(app);
  const origins = config.ALLOWED_ORIGINS === undefined ? [] : readOrigins(config.ALLOWED_ORIGINS);
  // With keys a page of another site has none to send: browsers do not add them by themselves.
  guardRequests(
    app,
    keyring.isOpen && !config.PICT_REPO_INSECURE,
    keyring.isOpen ? new Set(origins) : undefined,
  );
  identifyKeys(app, keyring);
  await limitRates(app, config.RATE_LIMIT_PER_SECOND);
  demandScopes(app, keyring);
  refuseUnknownRoutes(app);
  watchConnections(app, connections);
  acceptBodies(app);
  app.decorate('streams', streams);

  await documentRoutes(app, version);
  if (config.DOCS === 'open') await serveDocs(app);
  const refuseRest = refuseOtherMethods(app);
  if (config.DOCS === 'open') servePages(app);
  registerRepos(app, repos);
  serveHealth(app, health);
  if (options.showMetrics) serveMetrics(app, metrics);
  refuseRest();
  return app;
}
