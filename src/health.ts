import type { FastifyBaseLogger } from 'fastify';
import { knownMigrations } from './database/migrate.js';
import type { Probe } from './database/probe.js';
import { otherSettings } from './database/settings.js';
import { Problem } from './problems.js';

/** How this process stands, check by check. */
interface Checks {
  process: 'serving' | 'draining';
  database: 'reachable' | 'unreachable' | 'silent' | 'read_only';
  /** older: migrations are missing; newer: a later version has migrated; unknown: it could not be asked. */
  schema: 'fits' | 'older' | 'newer' | 'unknown';
  /** The settings of its sessions that are not as they were asked for, as behind a pooler that drops them. */
  settings: string[];
  /** Whether other processes can wake the polls that are parked here. */
  listener: 'listening' | 'lost';
}

export interface Health {
  /** Asks the database at most once a second. */
  check(): Promise<{ ready: boolean; checks: Checks }>;
  /** From now on this process is not ready: it is about to close. */
  drain(): void;
  isDraining(): boolean;
}

interface Options {
  probe: Probe;
  isListening: () => boolean;
  log: FastifyBaseLogger;
}

type DatabaseChecks = Pick<Checks, 'database' | 'schema' | 'settings'>;

/** How long the database's answer is believed before it is asked again. */
const BELIEVED_MS = 1000;
/** How long it stands where no other comes: under load an answer can be late without being lost. */
const STANDS_MS = 5000;

/**
 * Whether this process should be sent requests.
 *
 * - A lost listener is no reason against it: the fallback poll finds jobs within two seconds.
 * - Nor is a newer schema. During an upgrade the new version migrates while this one still serves, and taking
 *   all of the old ones away at once would be the outage that the probe is to prevent.
 * - Nor are other settings, which cost time, but for the encoding, in which text would be stored as another.
 */
export function watchHealth({ probe, isListening, log }: Options): Health {
  let draining = false;
  let believed: { checks: DatabaseChecks; until: number } | undefined;
  let answered: { checks: DatabaseChecks; until: number } | undefined;
  let asking: Promise<DatabaseChecks> | undefined;
  let wasReady = true;
  /** Read once: the folder may already be that of the next version. */
  let known: Promise<string[]> | undefined;

  async function ask(): Promise<DatabaseChecks> {
    known ??= knownMigrations();
    const checks = await askDatabase(probe, await known);
    const now = performance.now();
    if (checks.database !== 'silent') answered = { checks, until: now + STANDS_MS };
    const said = answered && now < answered.until ? answered.checks : checks;
    believed = { checks: said, until: now + BELIEVED_MS };
    return said;
  }

  function databaseChecks(): DatabaseChecks | Promise<DatabaseChecks> {
    if (believed && performance.now() < believed.until) return believed.checks;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  return {
    async check() {
      const { database, schema, settings } = await databaseChecks();
      const checks: Checks = {
        process: draining ? 'draining' : 'serving',
        database,
        schema,
        settings,
        listener: isListening() ? 'listening' : 'lost',
      };
      const ready =
        !draining && database === 'reachable' && schema !== 'older' && !settings.includes('client_encoding');
      if (ready !== wasReady && !draining) {
        wasReady = ready;
        if (ready) log.info({ checks }, 'ready again');
        else log.warn({ checks }, 'not ready');
      }
      return { ready, checks };
    },
    drain() {
      draining = true;
    },
    isDraining: () => draining,
  };
}

async function askDatabase(probe: Probe, known: string[]): Promise<DatabaseChecks> {
  try {
    const [row] = await probe.run(
      (sql) => sql<{ read_only: boolean; applied: string[]; settings: string[] }[]>`
        select
          pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as read_only,
          (select coalesce(json_agg(name), '[]') from migrations) as applied,
          ${otherSettings(sql, ...probe.asked)} as settings`,
    );
    const applied = row?.applied ?? [];
    const isOlder = known.some((name) => !applied.includes(name));
    const isNewer = applied.some((name) => !known.includes(name));
    return {
      database: row?.read_only ? 'read_only' : 'reachable',
      schema: isOlder ? 'older' : isNewer ? 'newer' : 'fits',
      settings: row?.settings ?? [],
    };
  } catch (error) {
    // 42P01 undefined_table: it answers, and has no tables of ours.
    if (error instanceof Error && 'code' in error && error.code === '42P01') {
      return { database: 'reachable', schema: 'older', settings: [] };
    }
    return { database: error instanceof Problem ? 'silent' : 'unreachable', schema: 'unknown', settings: [] };
  }
}
