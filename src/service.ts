import type { FastifyBaseLogger } from 'fastify';
import { buildApp } from './app.js';
import type { Config } from './config.js';
import { connectionOptions } from './database/connection.js';
import { type ConnectionOptions, openDatabase } from './database/database.js';
import { migrateUp } from './database/migrate.js';
import { openKeyring } from './keyring.js';
import { createRepos } from './repos/index.js';
import { createEngine, type EngineOptions } from './repos/queue/engine.js';
import { version } from './version.js';

/** Connections that may wait to be accepted: a thousand pollers that all come back at once are not refused. */
const BACKLOG = 8192;

interface Service {
  /** Where it listens. */
  url: string;
  /** Answers what is in flight, at most for SHUTDOWN_TIMEOUT_SECONDS, then lets go of everything. */
  close(): Promise<void>;
  /** Polls that wait here. */
  parked(): number;
  /** Cuts what is in flight. */
  hurry(): void;
  /** Reads the file of the keys again. */
  reloadKeys(): void;
}

/** Brings the database up to date and listens: one whole service, of which a process may hold several. */
export async function startService(
  config: Config,
  databaseUrl: string,
  log: FastifyBaseLogger,
): Promise<Service> {
  const connections = databaseConnections(config, databaseUrl);
  for (const name of await migrateUp(connections.migration)) log.info({ migration: name }, `applied ${name}`);

  const db = openDatabase(connections.statement, {
    poolSize: config.DATABASE_POOL_SIZE,
    waitSeconds: config.DATABASE_WAIT_SECONDS,
  });
  const engine = createEngine({
    db,
    listenConnection: connections.direct,
    options: engineOptions(config),
    onError: (error, message) => log.warn({ cause: error instanceof Error ? error.message : error }, message),
  });
  const repos = createRepos(db, engine, { accessGranularitySeconds: config.ACCESS_GRANULARITY_SECONDS });
  const keyring = openKeyring(config, log);
  if (keyring.isOpen && config.PICT_REPO_INSECURE)
    log.warn('no keys: whoever reaches the service may do all');
  const app = await buildApp({ config, keyring, repos, log, version });
  app.addHook('preClose', async () => engine.drain());
  engine.start();

  async function close(): Promise<void> {
    const timer = setTimeout(() => app.server.closeAllConnections(), config.SHUTDOWN_TIMEOUT_SECONDS * 1000);
    await app.close();
    clearTimeout(timer);
    await engine.close();
    await db.close();
  }

  try {
    const url = await app.listen({ host: config.HOST, port: config.PORT, backlog: BACKLOG });
    return {
      url,
      close,
      parked: engine.parked,
      hurry: () => app.server.closeAllConnections(),
      reloadKeys: keyring.reload,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export function engineOptions(config: Config): EngineOptions {
  return {
    leaseSeconds: config.QUEUE_LEASE_SECONDS,
    waitSeconds: config.QUEUE_WAIT_SECONDS,
    maxAttempts: config.QUEUE_MAX_ATTEMPTS,
    backoffMaxSeconds: config.QUEUE_BACKOFF_MAX_SECONDS,
    deadRetentionDays: config.QUEUE_DEAD_RETENTION_DAYS,
  };
}

/** How each part reaches the database. */
export function databaseConnections(
  config: Config,
  databaseUrl: string,
): Record<'statement' | 'direct' | 'migration', ConnectionOptions> {
  const shared = { caFile: config.DATABASE_CA_FILE, prepare: config.DATABASE_PREPARE };
  const statementTimeoutSeconds = config.DATABASE_STATEMENT_TIMEOUT_SECONDS;
  const directUrl = config.DATABASE_DIRECT_URL ?? databaseUrl;
  return {
    statement: connectionOptions({ ...shared, url: databaseUrl, statementTimeoutSeconds }),
    direct: connectionOptions({ ...shared, url: directUrl, statementTimeoutSeconds }),
    migration: connectionOptions({ ...shared, url: directUrl, statementTimeoutSeconds: 0 }),
  };
}
