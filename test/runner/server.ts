import { chmod, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../src/embedded-postgres/index.js';
import { isRunning } from '../../src/embedded-postgres/processes.js';
import { makeCluster } from './cluster.js';
import { guard } from './guard.js';

export interface TestServer {
  url: string;
  /** How databases are cloned at the least cost; undefined for what the server does by itself. */
  strategy?: string;
  /** The folder in memory, where others may be put too. */
  memory?: string;
  stop(): Promise<void>;
}

const MEMORY = '/dev/shm';
const NEEDED_BYTES = 3 * 2 ** 30;

/**
 * An embedded PostgreSQL, its files in memory where there is room: each database is hundreds of files, and most of
 * the cost of a database is to make and remove them.
 *
 * @param copy where its files are kept as they were before it started
 */
export async function startServer(copy: string): Promise<TestServer> {
  if (!(await hasRoom())) return startIn(tmpdir(), copy);
  // Programs that have to be copied for PostgreSQL's user may not be run from there.
  return startIn(MEMORY, copy)
    .then((server) => ({ ...server, strategy: 'file_copy', memory: MEMORY }))
    .catch(() => startIn(tmpdir(), copy));
}

async function hasRoom(): Promise<boolean> {
  const system = await statfs(MEMORY).catch(() => undefined);
  const room = system ? system.bavail * system.bsize : 0;
  return Math.min(room, freemem()) >= NEEDED_BYTES;
}

async function startIn(parent: string, copy: string): Promise<TestServer> {
  await removeLeftovers(parent);
  const dataDir = await mkdtemp(join(parent, `pict-repo-test-${process.pid}-`));
  const endGuard = guard(dataDir);
  const remove = async (): Promise<void> => {
    await rm(dataDir, { recursive: true, force: true });
    await endGuard();
  };
  try {
    // As root, PostgreSQL runs as another user, who must be able to enter.
    await chmod(dataDir, 0o711);
    await makeCluster(dataDir, copy);
    const server = await startEmbedded({
      dataDir,
      log: { info: () => {}, warn: () => {} },
      // A test database is thrown away: no crash of the machine has to be survived.
      settings: { fsync: 'off', max_connections: '300', scram_iterations: '1' },
    });
    return {
      url: server.url,
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Of runs that were killed together with their guards: in memory they would stay until the machine is started again. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid] = /^pict-repo-test-(\d+)-\w{6}$/.exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}
