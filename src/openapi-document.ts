import { pino } from 'pino';
import { buildApp } from './app.js';
import { readConfig } from './config.js';
import { openDatabase } from './database/open-database.js';
import { openProbe } from './database/probe.js';
import { watchHealth } from './health.js';
import { connectionsOf } from './http/connections.js';
import { Streams } from './http/streams.js';
import { openKeyring } from './keyring.js';
import { createMetrics } from './metrics/metrics.js';
import { createRepos } from './repos/index.js';
import { createEngine } from './repos/queue/engine.js';
import { SharedFigures } from './repos/queue/figures.js';
import { History } from './repos/queue/history.js';
import { countQueues } from './repos/queue/sql/count-queues.js';
import { databaseConnections, engineOptions } from './service-options.js';
import { version } from './version.js';

/** The OpenAPI document as JSON text, made from the routes without a database. */
export async function openApiDocument(): Promise<string> {
  const config = readConfig({});
  const connections = databaseConnections(config, 'postgres://localhost');
  const db = openDatabase(connections.statement, { poolSize: 2, waitSeconds: 1 });
  const metrics = createMetrics(version);
  const engine = createEngine({
    db,
    observer: metrics.observer,
    listenConnection: connections.direct,
    schema: 'public',
    options: engineOptions(config),
    nextToken: () => null,
    onError: () => {},
  });
  const figures = new SharedFigures(() => countQueues(db));
  const repos = createRepos(
    db,
    engine,
    { figures, history: new History() },
    {
      accessGranularitySeconds: 0,
      condemnedGraceSeconds: 0,
      uploadRetentionHours: 1,
    },
  );
  const log = pino({ level: 'silent' });
  const app = await buildApp({
    config,
    keyring: openKeyring(config, log),
    repos,
    log,
    version,
    health: watchHealth({
      probe: openProbe(connections.statement, 1),
      pool: db,
      isListening: engine.isListening,
      writeRefusedAt: () => undefined,
      log,
    }),
    metrics,
    showMetrics: true,
    streams: new Streams({ max: 1, onRows: metrics.onRows }),
    connections: connectionsOf(config, metrics.onCut),
  });
  await app.ready();
  return `${JSON.stringify(app.swagger(), null, 2)}\n`;
}
