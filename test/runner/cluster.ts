import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { accountFor } from '../../src/embedded-postgres/account.js';
import { ensureCluster } from '../../src/embedded-postgres/cluster.js';
import { findNative, usable } from '../../src/embedded-postgres/native.js';

const run = promisify(execFile);
const log = { info: () => {}, warn: () => {} };

/**
 * Makes the files of a PostgreSQL that has not started yet, and a copy of them in another folder: initdb takes more
 * processor time than most test files.
 */
export async function makeCluster(dataDir: string, copy: string): Promise<void> {
  const account = accountFor(join(dataDir, 'postgres'));
  await ensureCluster(dataDir, { native: usable(findNative(), dataDir, account, log), account }, log);
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy);
  await copyCluster(dataDir, copy);
}

/** With their owners, if this is root. */
export async function copyCluster(from: string, to: string): Promise<void> {
  await run('cp', ['-Rp', join(from, 'postgres'), join(from, 'password'), to]);
}
