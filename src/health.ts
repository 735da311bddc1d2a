import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Database, Sql } from './database/database.js';
import { reasonOf } from './database/driver/failure.js';
import { isForbidden, isMissing, isOutOfSessions, isRefusedLogin } from './database/errors.js';
import { knownMigrations } from './database/migrate.js';
import type { Probe } from './database/probe.js';
import { otherSettings } from './database/settings.js';
import { Problem, unavailable } from './problems.js';

/** The result of each check. */
interface Checks {
  process: 'serving' | 'draining';
  database: 'reachable' | 'unreachable' | 'refused' | 'silent' | 'read_only';
  /** Whether the database refused a write lately, as where its disk is full. */
  writes: 'accepted' | 'failed_lately';
  /** older: migrations are missing; newer: a later version has migrated; unknown: it could not be asked. */
  schema: 'fits' | 'older' | 'newer' | 'unknown';
  /** Settings of database sessions that differ from the requested ones, as behind a pooler that drops them. */
  settings: string[];
  /** Whether other processes can wake the polls that wait here. */
  listener: 'listening' | 'lost';
}

export interface Health {
  /** Queries the database at most once per second. */
  check(): Promise<{ ready: boolean; checks: Checks }>;
  /** Makes this process not ready from now on, because it will close. */
  drain(): void;
  isDraining(): boolean;
}

interface Options {
  probe: Probe;
  /** Is asked if the server has no room for a session of the probe: the sessions of the pool still serve requests. */
  pool: Pick<Database, 'run'>;
  isListening: () => boolean;
  /** When the database refused a write last, in milliseconds of performance.now(). */
  writeRefusedAt: () => number | undefined;
  log: FastifyBaseLogger;
}

type DatabaseChecks = Pick<Checks, 'database' | 'schema' | 'settings'> & { cause?: string };

/** /readyz must answer before the probe's timeout, which is often one second. */
export const READY_DEADLINE_MS = 700;
/** How long an answer of the database is used before it is asked again. */
const FRESH_MS = 1000;
/** How long an answer is used if no newer one arrives, because answers can be late under load. */
const MAX_AGE_MS = 5000;
/** How long a refused write is shown. */
const LATELY_MS = 60_000;

/**
 * Whether load balancers should send requests to this process. It stays ready with:
 *
 * - a lost listener, because jobs are then found by polling within two seconds;
 * - a newer schema: during an upgrade the new version migrates while this one still serves, and making all old processes
 *   unready at once would cause the outage that the probe is to prevent;
 * - refused writes, because reads go on;
 * - other settings, which cost only time. The exception is client_encoding, because text would be stored wrongly.
 */
export function watchHealth({ probe, pool, isListening, writeRefusedAt, log }: Options): Health {
  let draining = false;
  let fresh: { checks: DatabaseChecks; until: number } | undefined;
  let lastAnswer: { checks: DatabaseChecks; until: number } | undefined;
  let asking: Promise<DatabaseChecks> | undefined;
  let wasReady = true;
  /** Read only once, because an upgrade may replace the folder while this process runs. */
  let known: Promise<string[]> | undefined;

  async function ask(): Promise<DatabaseChecks> {
    known ??= knownMigrations();
    const checks = await askDatabase({ probe, pool }, await known);
    const now = performance.now();
    if (checks.database !== 'silent') lastAnswer = { checks, until: now + MAX_AGE_MS };
    const shown = lastAnswer && now < lastAnswer.until ? lastAnswer.checks : checks;
    fresh = { checks: shown, until: now + FRESH_MS };
    return shown;
  }

  function databaseChecks(): DatabaseChecks | Promise<DatabaseChecks> {
    if (fresh && performance.now() < fresh.until) return fresh.checks;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  return {
    async check() {
      const { database, schema, settings, cause } = await databaseChecks();
      const refusedAt = writeRefusedAt() ?? Number.NEGATIVE_INFINITY;
      const checks: Checks = {
        process: draining ? 'draining' : 'serving',
        database,
        writes: performance.now() - refusedAt < LATELY_MS ? 'failed_lately' : 'accepted',
        schema,
        settings,
        listener: isListening() ? 'listening' : 'lost',
      };
      const ready =
        !draining && database === 'reachable' && schema !== 'older' && !settings.includes('client_encoding');
      if (ready !== wasReady && !draining) {
        wasReady = ready;
        if (ready) log.info({ checks }, 'ready again');
        else log.warn({ checks, cause }, 'not ready');
      }
      return { ready, checks };
    },
    drain() {
      draining = true;
    },
    isDraining: () => draining,
  };
}

async function askDatabase(
  { probe, pool }: Pick<Options, 'probe' | 'pool'>,
  known: string[],
): Promise<DatabaseChecks> {
  const statement = (sql: Sql) => sql<{ read_only: boolean; applied: string[]; settings: string[] }[]>`
    select
      pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as read_only,
      (select coalesce(json_agg(name), '[]') from migrations) as applied,
      ${otherSettings(sql, ...probe.asked)} as settings`;
  const until = performance.now() + READY_DEADLINE_MS;
  try {
    const [row] = await probe.run(statement).catch((error: unknown) => {
      if (!isOutOfSessions(error)) throw error;
      return before(until, pool.run(statement));
    });
    const applied = row?.applied ?? [];
    const isOlder = known.some((name) => !applied.includes(name));
    const isNewer = applied.some((name) => !known.includes(name));
    // After a failover another session may reach the new primary.
    if (row?.read_only) probe.renew();
    return {
      database: row?.read_only ? 'read_only' : 'reachable',
      schema: isOlder ? 'older' : isNewer ? 'newer' : 'fits',
      settings: row?.settings ?? [],
    };
  } catch (error) {
    // The database answers, but has no tables of this service.
    if (isMissing(error)) {
      return { database: 'reachable', schema: 'older', settings: [] };
    }
    const { message: cause } = reasonOf(error);
    const isRefused = isRefusedLogin(error) || isForbidden(error);
    const found = error instanceof Problem ? 'silent' : isRefused ? 'refused' : 'unreachable';
    return { database: found, schema: 'unknown', settings: [], cause };
  }
}

/** The rows, if they come before the deadline of the probe. */
async function before<Row>(until: number, rows: Promise<Row[]>): Promise<Row[]> {
  const late = sleep(until - performance.now(), undefined, { ref: false }).then(() => {
    throw unavailable(
      'overloaded',
      'The server has no room for a session of the probe, and no session of the pool answered in time.',
    );
  });
  return Promise.race([rows, late]);
}
