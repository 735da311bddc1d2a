import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { readAllowedOrigins } from './allowed-origins.js';
import type { Config } from './config.js';
import type { Health } from './health.js';
import { demandScopes, identifyKeys } from './http/authentication.js';
import { acceptBodies, NO_BODY_BYTES } from './http/body.js';
import { answerClientErrors } from './http/client-error.js';
import { NO_DEFAULT_COMPILERS } from './http/compilers.js';
import { type Connections, watchConnections } from './http/connections.js';
import { serveDocument } from './http/docs.js';
import { guardRequests } from './http/guard.js';
import { serveHealth } from './http/health.js';
import { serveKey } from './http/key.js';
import { loggingTo, logRequests } from './http/log.js';
import { documentRoutes } from './http/openapi.js';
import { servePages } from './http/pages.js';
import { answerError } from './http/problem-details.js';
import { limitRates } from './http/rate-limit.js';
import type { Streams } from './http/streams.js';
import { refuseUnknownRoutes } from './http/unknown-routes.js';
import { validatorCompiler } from './http/validation.js';
import type { Keyring } from './keyring.js';
import { type Metrics, serveMetrics } from './metrics/metrics.js';
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
  /** Whether this app serves /metrics, or a separate port does. */
  showMetrics: boolean;
  streams: Streams;
  connections: Connections;
}

/** Builds the HTTP side of the service around repos. Does not listen by itself. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, keyring, repos, log, version, health, metrics, streams, connections } = options;
  const requestTimeout = config.REQUEST_TIMEOUT_SECONDS * 1000;
  const app = Fastify({
    ...loggingTo(log),
    requestIdHeader: false,
    genReqId: ({ headers: { 'x-request-id': id } }) =>
      typeof id === 'string' && REQUEST_ID.test(id) ? id : uuidv7(),
    // Routes with a body set their own limit.
    bodyLimit: NO_BODY_BYTES,
    serverFactory: (handle) =>
      connections.serve(handle, {
        keepAliveTimeout: 75_000,
        // A URL of 8 KiB, percent-encoded.
        maxHeaderSize: 64 * KIB,
        requireHostHeader: false,
        // Limits the receiving of a request, not the answer of a long poll or of a stream.
        requestTimeout,
        // Node would use a longer headersTimeout for the whole request.
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: 1000,
      }),
    schemaController: NO_DEFAULT_COMPILERS,
    routerOptions: { maxParamLength: 64 * KIB },
    // guard.ts answers with a problem while closing.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    // These errors do not run the hooks, which would end the connection while closing.
    frameworkErrors: (error, request, reply) =>
      answerError(error, request, reply.header('connection', 'close')),
    clientErrorHandler: answerClientErrors(connections),
  });
  app.addHook('onRoute', (route) => {
    // Without it, Fastify would copy the list of all named schemas for each route.
    route.validatorCompiler = validatorCompiler;
    // Handlers make the text themselves (answer.ts). The schemas of answers are used by the document and the tests only.
    route.serializerCompiler = () => JSON.stringify;
  });
  // Fastify ends the connection after a body that it could not parse, although the body was read completely.
  app.setErrorHandler((error, request, reply) =>
    answerError(error, request, reply.removeHeader('connection')),
  );
  logRequests(app);
  metrics.observeRequests(app);
  const origins = config.ALLOWED_ORIGINS === undefined ? [] : readAllowedOrigins(config.ALLOWED_ORIGINS);
  // With keys no check of the origin is needed: browsers do not add keys to the requests of other sites.
  guardRequests(
    app,
    keyring.isOpen && !config.PICT_REPO_INSECURE,
    keyring.isOpen ? new Set(origins) : undefined,
  );
  identifyKeys(app, keyring);
  await limitRates(app, config.RATE_LIMIT_PER_SECOND, keyring);
  demandScopes(app, keyring);
  refuseUnknownRoutes(app);
  watchConnections(app, connections);
  acceptBodies(app);
  app.decorate('streams', streams);

  await documentRoutes(app, version);
  if (config.DOCS === 'open') serveDocument(app);
  if (config.DOCS === 'open') servePages(app, config.PREVIEW_URL_TEMPLATE);
  registerRepos(app, repos);
  serveHealth(app, health);
  serveKey(app, keyring);
  if (options.showMetrics) serveMetrics(app, metrics);
  return app;
}
