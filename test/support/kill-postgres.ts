import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.js';

/**
 * Kills an embedded PostgreSQL, and resolves when there is a new one, which may still be starting. Perhaps no request
 * is refused meanwhile: what was not sent yet waits for a server that starts.
 */
export async function killPostgres(dataDir: string): Promise<void> {
  const killed = await postmaster(dataDir);
  process.kill(killed, 'SIGKILL');
  await until(async () => {
    const pid = await postmaster(dataDir);
    return pid > 0 && pid !== killed;
  });
}

/** NaN while there is none. */
async function postmaster(dataDir: string): Promise<number> {
  return Number.parseInt(
    await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => ''),
    10,
  );
}
