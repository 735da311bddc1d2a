import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../dist/src/embedded-postgres/index.js';

/** The same for all contenders: commits survive a crash, as in production. */
export const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '300',
  shared_buffers: '1GB',
  max_wal_size: '4GB',
};

/**
 * A PostgreSQL of the benchmark's own, in a temporary folder.
 *
 * @param {(stop: () => Promise<void>) => void} keep is told how to stop it, also while it starts
 * @param {Record<string, string>} [more] settings
 */
export async function startPostgres(keep, more = {}) {
  const starting = start(more);
  keep(async () => (await starting.catch(() => undefined))?.stop());
  return await starting;
}

/** @param {Record<string, string>} more */
async function start(more) {
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-bench-'));
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const remove = () => rm(folder, { recursive: true, force: true });
  const log = {
    info: () => {},
    warn: (/** @type {object} */ _, /** @type {string} */ text) => console.error(text),
  };
  const settings = { ...SETTINGS, ...more };
  const server = await startEmbedded({ dataDir: folder, log, settings }).catch(async (error) => {
    await remove();
    throw error;
  });
  return {
    url: server.url,
    /** What the server writes to its log. */
    log: join(folder, 'postgres.log'),

    /** Makes a database, and says how to reach it. @param {string} name */
    async database(name) {
      await query(server.url, `create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },

    async stop() {
      await server.stop();
      await remove();
    },
  };
}

/**
 * What a measurement begins with, the same for everybody: statistics, no dead rows of the measurement before, and
 * no checkpoint that is due.
 *
 * @param {string} url
 */
export async function settle(url) {
  await query(url, 'vacuum (analyze)');
  await query(url, 'checkpoint');
}

/** @param {string} url @param {string} statement */
export async function query(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
