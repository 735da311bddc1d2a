import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { accountFor } from './account.js';
import { type Claim, claim } from './claims.js';
import { ensureCluster } from './cluster.js';
import { urlOf } from './connect.js';
import { EmbeddedError } from './error.js';
import { forOperator, linkElsewhere, makeFolder, mustReach } from './folder.js';
import { clearLeftovers } from './leftovers.js';
import { type EmbeddedLog, serverLog } from './log.js';
import { findNative, type Native, usable } from './native.js';
import { supervise } from './supervise.js';

export { EmbeddedError };

/** A PostgreSQL of the service's own, which runs until it is stopped. */
export interface EmbeddedPostgres {
  /** postgres://… on 127.0.0.1, with the password. */
  readonly url: string;
  /** Shuts PostgreSQL down and releases the data folder. May be called again. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Where everything is kept; made if missing. */
  dataDir: string;
  /** False: a folder without a database is an error, and left as it is. */
  create?: boolean;
  /** Whether the data may be kept in another folder if PostgreSQL's user cannot enter this one. */
  mayMove?: boolean;
  /** What the operator can do if another process has the folder, as a sentence. The default advises another folder. */
  remedy?: string;
  log: EmbeddedLog;
  /** Settings of PostgreSQL, as in postgresql.conf. */
  settings?: Record<string, string>;
}

/**
 * Starts the PostgreSQL that comes with the service, with its data in a folder, and keeps it running. One process at a
 * time can have the folder. A PostgreSQL that a killed process left running there is stopped first. If this process
 * runs as root, PostgreSQL runs as the user postgres or nobody.
 *
 * @throws {EmbeddedError} if the operator has to do something; the message says what
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const native = findNative();
  let dataDir = resolve(options.dataDir);
  let owned: Claim | undefined;
  if (options.create === false && !existsSync(join(dataDir, 'postgres'))) {
    throw new EmbeddedError(`There is no database in ${dataDir}.`);
  }
  try {
    if (options.mayMove) moveIfBlocked(dataDir, options.log);
    dataDir = makeFolder(dataDir);
    owned = await claim(dataDir, options.log, options.remedy);
    return await bringUp({ ...options, dataDir }, native, owned);
  } catch (error) {
    owned?.release();
    throw forOperator(error, dataDir);
  }
}

function moveIfBlocked(dataDir: string, log: EmbeddedLog): void {
  const account = accountFor(join(dataDir, 'postgres'));
  const target = account && linkElsewhere(dataDir, account);
  if (target === undefined) return;
  log.warn(
    { dataDir, target },
    `PostgreSQL cannot enter ${dataDir}: the data is kept in ${target}, to which it is now a link`,
  );
}

async function bringUp(options: EmbeddedOptions, found: Native, owned: Claim): Promise<EmbeddedPostgres> {
  const { dataDir, log, settings = {} } = options;
  const begun = performance.now();
  const cluster = join(dataDir, 'postgres');
  const account = accountFor(cluster);
  if (account) mustReach(dataDir, account);
  const native = usable(found, dataDir, account, log);
  if (existsSync(cluster)) await clearLeftovers(cluster, log);
  const password = await ensureCluster(dataDir, { native, account }, log);
  const launch = { native, account, cluster, settings, log: serverLog(join(dataDir, 'postgres.log')) };
  const supervised = await supervise(launch, password, owned, log);
  const milliseconds = Math.round(performance.now() - begun);
  log.info({ port: supervised.port, dataDir, user: account?.name, milliseconds }, 'PostgreSQL runs');
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(supervised.port, password),
    stop: () => {
      stopped ??= supervised.stop().finally(() => owned.release());
      return stopped;
    },
  };
}
