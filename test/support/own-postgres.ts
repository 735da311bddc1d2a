import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import { startEmbedded } from '../../src/embedded-postgres/index.js';
import { copyCluster } from '../runner/cluster.js';
import { guard } from '../runner/guard.js';
import { atEnd } from './cleanup.js';

/** Starts a PostgreSQL of a test file's own, to be killed (kill-postgres.ts). */
export async function startOwnPostgres() {
  const dataDir = await mkdtemp(join(process.env['TEST_MEMORY'] ?? tmpdir(), 'pict-repo-own-'));
  atEnd(guard(dataDir));
  atEnd(() => rm(dataDir, { recursive: true, force: true }));
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(dataDir, 0o711);
  const made = process.env['TEST_CLUSTER'];
  if (made) await copyCluster(made, dataDir);
  const { url, stop } = await startEmbedded({
    dataDir,
    log: { info: () => {}, warn: () => {} },
    // The kernel outlives the kill, so what PostgreSQL has written stays.
    settings: { fsync: 'off' },
  });
  atEnd(stop);
  const sql = postgres({ ...connectionOptions({ url, statementTimeoutSeconds: 0 }), max: 2 });
  atEnd(() => sql.end({ timeout: 1 }));
  return { dataDir, url, sql };
}
