import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './error.js';
import type { EmbeddedLog } from './log.js';
import { ORPHANS, POSTMASTER, type Steps, shutdown } from './shutdown.js';

/**
 * Ends what still runs on a cluster without belonging to a living owner: the postmaster of a process that
 * was killed, and the backends of a postmaster that was killed. To be called by the folder's owner only,
 * while it has no postmaster itself.
 */
export async function clearLeftovers(cluster: string, log: EmbeddedLog): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const pid = postmasterPid(file);
  if (pid !== undefined && isPostgresOf(cluster, pid)) {
    log.info({ postgresPid: pid }, 'stopping the PostgreSQL that a killed process has left running');
    await stop(POSTMASTER, [pid], cluster);
  }
  const orphans = postgresProcesses(cluster);
  if (orphans.length > 0) {
    log.info({ postgresPids: orphans }, 'ending PostgreSQL processes whose postmaster was killed');
    await stop(ORPHANS, orphans, cluster);
  }
  // PostgreSQL handles the file of a dead postmaster by itself, but refuses to start when the pid is alive.
  if (pid !== undefined && postmasterPid(file) === pid && exists(pid) && !isPostgresOf(cluster, pid)) {
    log.info({ postgresPid: pid }, 'removing a postmaster.pid whose pid now is another process');
    rmSync(file, { force: true });
  }
}

async function stop(steps: Steps, pids: readonly number[], cluster: string): Promise<void> {
  const left = () => pids.filter((pid) => isPostgresOf(cluster, pid));
  const send = (signal: NodeJS.Signals) => {
    for (const pid of left()) kill(pid, signal);
  };
  await shutdown(steps, send, () => left().length === 0);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** The pid in postmaster.pid; a single-user PostgreSQL writes its own as a negative number. */
function postmasterPid(file: string): number | undefined {
  try {
    const pid = Math.abs(Number.parseInt(readFileSync(file, 'utf8'), 10));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether PostgreSQL takes the pid for alive: a zombie too, but not a process of another user. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * Whether a process is a PostgreSQL of this very cluster: pids are reused, and one that is not must never
 * get a signal. Its processes all work in the cluster's folder.
 */
function isPostgresOf(cluster: string, pid: number): boolean {
  try {
    if (process.platform !== 'linux') {
      const args = ['-ww', '-o', 'args=', '-p', String(pid)];
      return isCommandOf(cluster, execFileSync('ps', args, { encoding: 'utf8' }));
    }
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'postgres') return false;
    try {
      const [actual, wanted] = [statSync(`/proc/${pid}/cwd`), statSync(cluster)];
      return actual.dev === wanted.dev && actual.ino === wanted.ino;
    } catch {
      // Root in a container may not look there, but at the command line.
      return isCommandOf(cluster, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
    }
  } catch {
    return false;
  }
}

function isCommandOf(cluster: string, command: string): boolean {
  return command.includes(`/postgres -D ${cluster} -c `);
}

function postgresProcesses(cluster: string): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => isPostgresOf(cluster, pid));
}
