import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from './error.js';

const linux = process.platform === 'linux';

/**
 * Where process ids mean something: this boot of this machine and this pid namespace. A container with the
 * same data folder counts its own pids, which say nothing here.
 */
export function world(): string {
  if (!linux) return process.platform;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  const world = createHash('sha256').update(boot).update(readlinkSync('/proc/self/ns/pid'));
  return world.digest('hex').slice(0, 12);
}

/**
 * When the process was started, in a unit of the system's own, only to be compared: pids are reused, a pid
 * with its start is not. Undefined when that cannot be read.
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

/** Whether a process with this pid runs. One that has ended and was not yet waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return !linux || !isZombie(pid);
}

/** The fields of /proc/<pid>/stat from the third on: the second, a name, may hold spaces and brackets. */
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
