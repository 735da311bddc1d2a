import { constants } from 'node:os';
import type { FastifyBaseLogger } from 'fastify';
import { type Config, ConfigError, readConfig } from './config.js';
import { DEFAULT_DATA_DIR } from './config-variables.js';
import { MigrationError } from './database/ownership.js';
import { UnreachableError } from './database/unreachable.js';
import { EmbeddedError, startEmbedded } from './embedded-postgres/index.js';
import { createLog } from './log.js';
import { TransferError } from './transfer/error.js';

/** After Ctrl-C the terminal and npm both send a signal. Signals within this time count as one. */
const SAME_SIGNAL_MS = 1000;

/** What a program must release at its end, in reverse order. */
export interface Resources {
  add(release: () => Promise<void>): void;
}

/**
 * Runs a program: reads the configuration, starts the embedded database if there is no other, and calls `program`. SIGINT
 * and SIGTERM stop it, and also SIGHUP unless a service has a file of keys, which SIGHUP then reloads. Faults of the
 * configuration, the data folder or the schema are reported without a stack.
 *
 * @param program returns `stay` to run until a signal, `hurry` for a second signal, `reload` to reload the keys, and the
 *   exit code of what does not stay
 * @param options.create false makes a missing embedded database an error
 * @param options.task the command, if it ends by itself: it logs to standard error, and a signal that ends it is a failure
 */
export async function runProgram(
  program: (context: {
    config: Config;
    databaseUrl: string;
    log: FastifyBaseLogger;
    resources: Resources;
  }) => Promise<{ stay: boolean; hurry?: () => void; reload?: () => void; exitCode?: number }>,
  { create = true, task }: { create?: boolean; task?: string } = {},
): Promise<void> {
  const isTask = task !== undefined;
  const releases: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  let hurry = (): void => {};
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (let release = releases.pop(); release; release = releases.pop()) await release();
    })();
    return stopping;
  };

  const ignored = dropDriverVariables(process.env);
  try {
    const config = readConfig(process.env);
    const log = await createLog({
      level: config.LOG_LEVEL,
      format: config.LOG_FORMAT,
      output: isTask ? process.stderr : process.stdout,
    });
    if (ignored.length > 0) log.warn({ ignored }, `these variables have no effect: ${ignored.join(', ')}`);
    let signalledAt = 0;
    const reloads = config.PICT_REPO_KEYS_FILE !== undefined && !isTask;
    let reload = (): void => {
      reloadIsDue = true;
    };
    let reloadIsDue = false;
    if (reloads) process.on('SIGHUP', () => reload());
    for (const signal of ['SIGINT', 'SIGTERM', ...(reloads ? [] : ['SIGHUP' as const])] as const) {
      process.on(signal, () => {
        if (signalledAt === 0) {
          log.info(`stopping (${signal})`);
          signalledAt = performance.now();
          stop().then(
            () => process.exit(isTask ? 128 + constants.signals[signal] : 0),
            (error: unknown) => fail(error, isTask),
          );
        } else if (performance.now() - signalledAt > SAME_SIGNAL_MS) hurry();
      });
    }
    process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));

    const databaseUrl =
      config.DATABASE_URL ?? (await startOwnDatabase(config, { log, create, task }, releases));
    const resources = { add: (release: () => Promise<void>) => releases.push(release) };
    const {
      stay,
      hurry: onHurry,
      reload: onReload,
      exitCode,
    } = await program({ config, databaseUrl, log, resources });
    if (onHurry) hurry = onHurry;
    if (onReload) {
      reload = onReload;
      if (reloadIsDue) reload();
    }
    if (!stay) {
      await stop();
      process.exit(exitCode ?? 0);
    }
  } catch (error) {
    // A signal during the start makes the start fail, which is not an error.
    if (stopping) return;
    await stop().catch(() => {});
    fail(error, isTask);
  }
}

async function startOwnDatabase(
  config: Config,
  { log, create, task }: { log: FastifyBaseLogger; create: boolean; task: string | undefined },
  releases: (() => Promise<void>)[],
): Promise<string> {
  const dataDir = config.PICT_REPO_DATA_DIR;
  const mayMove = dataDir === DEFAULT_DATA_DIR;
  // Another folder is no remedy for a task: it would hold another database.
  const remedy = task && `It has the database open: stop it, and run "pict-repo ${task}" again.`;
  const starting = startEmbedded({ dataDir, log, create, mayMove, ...(remedy && { remedy }) });
  // A signal during the start waits for the end of the start, so that no server is left running.
  releases.push(async () => (await starting.catch(() => undefined))?.stop());
  return (await starting).url;
}

/**
 * Takes the variables of libpq (PGHOST, PGPASSWORD, PGSSLMODE and others) away, because the driver obeys some of them,
 * and others that only look like them. The configuration alone says where the database is.
 *
 * @returns their names
 */
function dropDriverVariables(env: NodeJS.ProcessEnv): string[] {
  const names = Object.keys(env).filter((name) => /^PG[A-Z]/.test(name));
  for (const name of names) delete env[name];
  return names;
}

function fail(error: unknown, isTask: boolean): never {
  const isForOperator =
    error instanceof ConfigError ||
    error instanceof EmbeddedError ||
    error instanceof MigrationError ||
    error instanceof TransferError ||
    error instanceof UnreachableError;
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  if (isForOperator) console.error(error.message);
  else if (code && error instanceof Error) {
    console.error(`pict-repo ${isTask ? 'failed' : 'cannot start'}: ${error.message}${code}`);
  } else console.error(error);
  process.exit(1);
}
