import type { Config } from './config.js';
import { connectionOptions } from './database/connection.js';
import type { ConnectionOptions } from './database/database.js';
import { PLANNER_SETTINGS, withSettings } from './database/settings.js';
import type { EngineOptions } from './repos/queue/engine.js';

/*
 * The options of the parts of the service, made from the configuration. The parts do not import it.
 */

export function engineOptions(config: Config): EngineOptions {
  return {
    leaseSeconds: config.QUEUE_LEASE_SECONDS,
    waitSeconds: config.QUEUE_WAIT_SECONDS,
    maxAttempts: config.QUEUE_MAX_ATTEMPTS,
    backoffMaxSeconds: config.QUEUE_BACKOFF_MAX_SECONDS,
    deadRetentionDays: config.QUEUE_DEAD_RETENTION_DAYS,
    maxWaitingPolls: config.QUEUE_MAX_WAITING_POLLS,
    idRetentionMinutes: config.QUEUE_ID_RETENTION_MINUTES,
    completedRetentionMinutes: config.QUEUE_COMPLETED_RETENTION_MINUTES,
  };
}

/** The connection options for statements, notifications (direct) and migrations. */
export function databaseConnections(
  config: Config,
  databaseUrl: string,
): Record<'statement' | 'direct' | 'migration', ConnectionOptions> {
  const shared = {
    passwordFile: config.DATABASE_PASSWORD_FILE,
    caFile: config.DATABASE_CA_FILE,
    prepare: config.DATABASE_PREPARE,
    schema: config.DATABASE_SCHEMA,
  };
  const statementTimeoutSeconds = config.DATABASE_STATEMENT_TIMEOUT_SECONDS;
  const directUrl = config.DATABASE_DIRECT_URL ?? databaseUrl;
  return {
    statement: withSettings(
      connectionOptions({ ...shared, url: databaseUrl, statementTimeoutSeconds }),
      PLANNER_SETTINGS,
    ),
    direct: connectionOptions({ ...shared, url: directUrl, statementTimeoutSeconds }),
    migration: connectionOptions({ ...shared, url: directUrl, statementTimeoutSeconds: 0 }),
  };
}
