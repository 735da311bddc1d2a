import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { localUrl } from './address.js';
import { buildApp } from './app.js';
import type { Config } from './config.js';
import { checkSession } from './database/check-session.js';
import { bringUpToDate } from './database/migrate.js';
import { openDatabase } from './database/open-database.js';
import { openProbe } from './database/probe.js';
import { FIGURES_PLANNER_SETTINGS, withSettings } from './database/settings.js';
import { SlowStatements } from './database/slow-statements.js';
import { READY_DEADLINE_MS, watchHealth } from './health.js';
import { connectionsOf } from './http/connections.js';
import { Streams } from './http/streams.js';
import { openKeyring } from './keyring.js';
import { createMetrics } from './metrics/metrics.js';
import { buildMetricsApp } from './metrics/metrics-server.js';
import { createBackgroundWork } from './repos/background-work.js';
import { createRepos } from './repos/index.js';
import { createEngine } from './repos/queue/engine.js';
import { SharedFigures } from './repos/queue/figures.js';
import { History } from './repos/queue/history.js';
import { observeWithAll } from './repos/queue/observer.js';
import { countQueues } from './repos/queue/sql/count-queues.js';
import { openLeaseTokens } from './repos/queue/sql/lease-tokens.js';
import { databaseConnections, engineOptions } from './service-options.js';
import { version } from './version.js';

/** Connections that may wait to be accepted, so that thousands of clients can reconnect at once. */
const BACKLOG = 8192;

interface Service {
  /** The URL at which the service listens. */
  url: string;
  /** The URL of the separate port for /metrics, if there is one. */
  metricsUrl: string | undefined;
  /**
   * Makes the service not ready, serves for SHUTDOWN_DELAY_SECONDS more, and then stops accepting requests. Requests in
   * flight are answered, for SHUTDOWN_TIMEOUT_SECONDS at most.
   */
  close(): Promise<void>;
  /** How many polls wait on this process. */
  parked(): number;
  /** How many other requests wait on it until something is settled. */
  waiting(): number;
  /** Ends the delay and cuts requests in flight. */
  hurry(): void;
  /** Reloads the file of keys. */
  reloadKeys(): void;
}

/** Migrates the database and starts a service. A process may hold several services. */
export async function startService(
  config: Config,
  databaseUrl: string,
  log: FastifyBaseLogger,
): Promise<Service> {
  const connections = databaseConnections(config, databaseUrl);
  const { applied, schema } = await bringUpToDate(connections.migration);
  for (const name of applied) log.info({ migration: name }, `applied ${name}`);
  const statement = withSettings(connections.statement, { search_path: schema });
  const others = await checkSession(statement);
  if (others.length > 0)
    log.warn(
      { settings: others },
      'database sessions do not have the requested settings; does a pooler drop them?',
    );

  const metrics = createMetrics(version);
  let writeRefusedAt: number | undefined;
  const slow = new SlowStatements(config.SLOW_STATEMENT_MS, (one) =>
    log.warn(one, `slow statement: ${one.ms} ms for ${one.operation ?? 'the service itself'}`),
  );
  const db = openDatabase(statement, {
    poolSize: config.DATABASE_POOL_SIZE,
    waitSeconds: config.DATABASE_WAIT_SECONDS,
    onWriteRefused: (reason) => {
      writeRefusedAt = performance.now();
      metrics.onWriteRefused(reason);
    },
    slow,
  });
  const onError = (error: unknown, message: string): void => log.warn({ cause: causeOf(error) }, message);
  const history = new History();
  const engine = createEngine({
    db,
    nextToken: await openLeaseTokens(db),
    listenConnection: connections.direct,
    schema,
    options: engineOptions(config),
    observer: observeWithAll([metrics.observer, history]),
    onError,
  });
  const figuresProbe = openProbe(
    // Not prepared, because a prepared statement without parameters keeps its first plan.
    { ...withSettings(statement, FIGURES_PLANNER_SETTINGS), prepare: false },
    config.DATABASE_STATEMENT_TIMEOUT_SECONDS * 1000,
    slow,
  );
  const figures = new SharedFigures(
    () => countQueues(figuresProbe),
    (queues) => history.counted(queues),
  );
  const repos = createRepos(
    db,
    engine,
    { figures, history },
    {
      accessGranularitySeconds: config.ACCESS_GRANULARITY_SECONDS,
      condemnedGraceSeconds: config.CONDEMNED_GRACE_SECONDS,
      uploadRetentionHours: config.UPLOAD_RETENTION_HOURS,
    },
  );
  const background = createBackgroundWork(db, engine, {
    condemnedGraceSeconds: config.CONDEMNED_GRACE_SECONDS,
    condemnedRetentionDays: config.CONDEMNED_RETENTION_DAYS,
    onShared: (count) =>
      log.warn({ count }, 'several contents use the same file; these files are never condemned'),
    onError,
  });
  const keyring = openKeyring(config, log);
  if (keyring.isOpen && config.PICT_REPO_INSECURE)
    log.warn('no keys: everybody who reaches the service has full access');

  const { isListening } = engine;
  const readyProbe = openProbe(statement, READY_DEADLINE_MS);
  const health = watchHealth({
    probe: readyProbe,
    pool: db,
    isListening,
    writeRefusedAt: () => writeRefusedAt,
    log,
  });
  const streams = new Streams({ max: config.MAX_STREAMS, onRows: metrics.onRows });
  const httpConnections = connectionsOf(config, metrics.onCut);
  metrics.watch({
    pool: db.load,
    parked: engine.parked,
    waiting: () => engine.waits.count,
    isListening,
    isDraining: health.isDraining,
    streams: () => streams.open,
    connections: () => httpConnections.load,
    queues: async () => (await figures.read()).queues,
  });

  const metricsPort = config.METRICS_PORT;
  const showMetrics = metricsPort === undefined;
  const served = { health, metrics, showMetrics, streams, connections: httpConnections };
  const app = await buildApp({ config, keyring, repos, log, version, ...served });
  const metricsApp = showMetrics
    ? undefined
    : buildMetricsApp({ metrics, log, host: config.HOST, connections: connectionsOf(config, metrics.onCut) });
  app.addHook('preClose', async () => {
    engine.drain();
    background.stop();
  });
  engine.start();
  background.start();

  const delay = new AbortController();
  async function close(): Promise<void> {
    health.drain();
    await sleep(config.SHUTDOWN_DELAY_SECONDS * 1000, undefined, { signal: delay.signal }).catch(() => {});
    await release();
  }

  function hurry(): void {
    delay.abort();
    app.server.closeAllConnections();
  }

  async function release(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        app.server.closeAllConnections();
        resolve();
      }, config.SHUTDOWN_TIMEOUT_SECONDS * 1000);
    });
    await app.close();
    // If the database hangs, closing its connections ends the statements that it does not answer.
    await Promise.race([engine.close(), timeIsUp]);
    clearTimeout(timer);
    await Promise.all([db.close(), readyProbe.close(), figuresProbe.close(), metricsApp?.close()]);
  }

  try {
    await metricsApp?.listen({ host: config.HOST, port: metricsPort ?? 0 });
    await app.listen({ host: config.HOST, port: config.PORT, backlog: BACKLOG });
    if (config.HOST === 'localhost') await app.connections.listenOnBoth(app.server);
    const url = urlOf(app, config.HOST);
    const metricsUrl = metricsApp && urlOf(metricsApp, config.HOST);
    return {
      url,
      metricsUrl,
      close,
      parked: engine.parked,
      waiting: () => engine.waits.count,
      hurry,
      reloadKeys: keyring.reload,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  return localUrl(host, typeof address === 'object' ? (address?.port ?? 0) : 0);
}

/** What is logged of an error: its message, and that of the driver, which problems do not show to clients. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message;
}
