import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimes,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from './error.js';
import type { EmbeddedLog } from './log.js';
import { isRunning, pidNamespace, startOf } from './processes.js';

/** The ownership of a data folder. One process at a time has it. */
export interface Claim {
  /** False once another process has taken the folder over, or the folder is gone. */
  held(): boolean;
  release(): void;
}

/** The file in `owners/` of another process that wants the folder. */
interface OtherClaim {
  name: string;
  pid: number;
  isOwner: boolean;
  /** Undefined while unknown. For a process of another machine, container or boot only its heartbeat can tell. */
  isAlive: boolean | undefined;
}

const OWNER = '.owner';
const UNKNOWN = 'unknown';
const HEARTBEAT_MS = 1_000;
/** After this time without a heartbeat a claim is taken for dead. */
const DEAD_AFTER_MS = 5_000;
const START_TIMEOUT_MS = 20_000;
const OTHER_FOLDER = 'Stop that one first, or set PICT_REPO_DATA_DIR to another folder.';

/**
 * Becomes the owner of the data folder. Node has no file locks. So each process that starts makes an empty file in
 * `owners/`, its claim, whose name identifies the process (pid, time of its start, pid namespace, a random part). Only
 * then it looks for other claims: of any two processes, the later one sees the claim of the earlier one. A process that
 * finds itself alone adds a second file, `<claim>.owner`.
 *
 * A claim is made by one system call and never renamed, so no process sees part of it or misses it. Names are never used
 * again, so removing the claim of a dead process cannot remove that of a living one.
 *
 * @param remedy what the operator can do if a living process owns the folder
 * @throws {EmbeddedError} if a living process owns the folder; nothing in the folder was changed
 */
export async function claim(
  dataDir: string,
  log: EmbeddedLog,
  remedy: string = OTHER_FOLDER,
): Promise<Claim> {
  const folder = join(dataDir, 'owners');
  mkdirSync(folder, { recursive: true });
  const start = startOf(process.pid) ?? UNKNOWN;
  const name = [process.pid, start, pidNamespace(), randomBytes(6).toString('hex')].join('.');
  const path = join(folder, name);
  const hasHeartbeat = watchHeartbeats(folder, log);
  const deadline = performance.now() + START_TIMEOUT_MS;
  try {
    for (;;) {
      touch(path);
      const others = otherClaims(folder, name, hasHeartbeat);
      if (others.length === 0) return own(path);
      const owner = others.find((other) => other.isOwner && other.isAlive);
      if (owner) throw occupied(owner.pid, dataDir, 'already running', remedy);
      if (performance.now() > deadline)
        throw occupied(others[0]?.pid, dataDir, 'already being started', remedy);
      // The first by name stays and the others withdraw, so that one of several soon becomes the owner.
      const withdraw = others.some((other) => other.name < name);
      if (withdraw) remove(path);
      await sleep(withdraw ? 50 + Math.random() * 100 : 10);
    }
  } catch (error) {
    remove(path);
    throw error;
  }
}

function own(path: string): Claim {
  touch(path + OWNER);
  const beat = () => utimes(path, new Date(), new Date(), () => undefined);
  const heartbeat = setInterval(beat, HEARTBEAT_MS).unref();
  return {
    held: () => existsSync(path + OWNER),
    release: () => {
      clearInterval(heartbeat);
      remove(path);
    },
  };
}

/** The claims beside ours, without those of dead processes, which are removed. */
function otherClaims(
  folder: string,
  own: string,
  hasHeartbeat: (name: string) => boolean | undefined,
): OtherClaim[] {
  const names = readdirSync(folder);
  const here = pidNamespace();
  const found: OtherClaim[] = [];
  for (const name of names) {
    const [pid, start, where, random, ...rest] = name.split('.');
    if (name === own || random === undefined || rest.length > 0) continue;
    const claimed = { name, pid: Number(pid), isOwner: names.includes(name + OWNER) };
    const isAlive = (where === here ? isSameProcess(claimed.pid, start) : undefined) ?? hasHeartbeat(name);
    if (isAlive === false) remove(join(folder, name));
    else found.push({ ...claimed, isAlive });
  }
  return found;
}

/** Whether the process with this pid is the one that was started then. Undefined if that cannot be read. */
function isSameProcess(pid: number, start: string | undefined): boolean | undefined {
  if (!isRunning(pid)) return false;
  const actual = startOf(pid);
  return actual === undefined || start === UNKNOWN ? undefined : actual === start;
}

/** Tells from the heartbeat of a claim whether its process is alive; undefined until that is known. */
function watchHeartbeats(folder: string, log: EmbeddedLog): (name: string) => boolean | undefined {
  const seen = new Map<string, { mtime: number; since: number }>();
  return (name) => {
    const mtime = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
    if (mtime === undefined) return false;
    const first = seen.get(name);
    if (!first) {
      seen.set(name, { mtime, since: performance.now() });
      log.info({ claim: name, milliseconds: DEAD_AFTER_MS }, 'waiting for a sign of life of the last owner');
      return undefined;
    }
    if (first.mtime !== mtime) return true;
    return performance.now() - first.since > DEAD_AFTER_MS ? false : undefined;
  };
}

function touch(path: string): void {
  writeFileSync(path, '', { flag: 'a', mode: 0o600 });
  utimesSync(path, new Date(), new Date());
}

function remove(path: string): void {
  rmSync(path + OWNER, { force: true });
  rmSync(path, { force: true });
}

function occupied(pid: number | undefined, dataDir: string, how: string, remedy: string): EmbeddedError {
  return new EmbeddedError(`pict-repo is ${how} as pid ${pid} (data folder ${dataDir}). ${remedy}`);
}
