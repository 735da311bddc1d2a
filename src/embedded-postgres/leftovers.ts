import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './error.js';
import type { EmbeddedLog } from './log.js';
import { ORPHANS, POSTMASTER, type Steps, shutdown } from './shutdown.js';

/**
 * Ends the processes of a cluster that no living process owns: the postmaster that a killed process started, and the
 * backends of a killed postmaster. Only the owner of the folder may call it, and only while it has started no postmaster.
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
  // PostgreSQL removes the file of a dead postmaster itself, but refuses to start if the pid in it belongs to a process.
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

/** The pid in postmaster.pid. PostgreSQL in single-user mode writes its pid as a negative number. */
function postmasterPid(file: string): number | undefined {
  try {
    const pid = Math.abs(Number.parseInt(readFileSync(file, 'utf8'), 10));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether PostgreSQL counts the pid as alive. A zombie counts, a process of another user does not. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * Whether a process is a PostgreSQL of this cluster. Pids are reused, and no other process may get a signal. All
 * processes of a cluster have its folder as their working directory.
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
      // Root in a container may not read the working directory, but may read the command line.
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
