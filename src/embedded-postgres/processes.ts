import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from './error.js';

const linux = process.platform === 'linux';

/**
 * A name for this boot of this machine and its pid namespace. Pids can be compared only within it: a container with the
 * same data folder has pids of its own.
 */
export function pidNamespace(): string {
  if (!linux) return process.platform;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  const namespace = createHash('sha256').update(boot).update(readlinkSync('/proc/self/ns/pid'));
  return namespace.digest('hex').slice(0, 12);
}

/**
 * When the process was started, in a unit of the system that can only be compared. A pid is reused, but not together with
 * the same start. Undefined if it cannot be read.
 */
export function startOf(pid: number): string | undefined {
  try {
    if (linux) return statOf(pid)[19];
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const answer = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' });
    const time = Date.parse(`${answer.trim()} UTC`);
    return Number.isNaN(time) ? undefined : String(time);
  } catch {
    return undefined;
  }
}

/** Whether a process with this pid is running. A zombie is not running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return !linux || !isZombie(pid);
}

/** The fields of /proc/<pid>/stat from the third on. The second one, a name, may contain spaces and parentheses. */
function statOf(pid: number): string[] {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}

function isZombie(pid: number): boolean {
  try {
    const state = statOf(pid)[0];
    return state === 'Z' || state === 'X';
  } catch {
    return false;
  }
}
