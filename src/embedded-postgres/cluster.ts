import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EmbeddedError } from './error.js';
import type { EmbeddedLog } from './log.js';
import { type Runner, run } from './programs.js';

/** The one role, a superuser, and the one database of the service. */
export const NAME = 'pict_repo';

/**
 * Makes the cluster, `postgres/` in the data folder, if there is none yet.
 *
 * @returns the role's password, which is kept in the file `password`
 * @throws {EmbeddedError} if the folder holds a cluster of another PostgreSQL version, or no cluster, or if initdb fails
 */
export async function ensureCluster(dataDir: string, runner: Runner, log: EmbeddedLog): Promise<string> {
  const cluster = join(dataDir, 'postgres');
  sweep(dataDir);
  if (!existsSync(cluster) || readdirSync(cluster).length === 0) return await create(dataDir, runner, log);
  verify(cluster, runner);
  protect(cluster, runner);
  const file = join(dataDir, 'password');
  const password = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return password === '' ? await renew(dataDir, runner, log) : password;
}

/** Runs initdb in another folder and renames that, so that the folder of the cluster never holds half a cluster. */
async function create(dataDir: string, runner: Runner, log: EmbeddedLog): Promise<string> {
  mustHaveName(runner);
  const begun = performance.now();
  const work = mkdtempSync(join(dataDir, 'postgres.new-'));
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(work, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  for (const path of [work, passwordFile]) own(path, runner);
  const target = join(work, 'cluster');
  // The builtin locale sorts by code point and knows all of Unicode's cases, alike on every system.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${NAME}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await run(runner, 'initdb', ['--no-instructions', ...locale, ...access, '-D', target], work);
  save(dataDir, password);
  renameSync(target, join(dataDir, 'postgres'));
  sync(dataDir);
  sweep(dataDir);
  log.info({ milliseconds: Math.round(performance.now() - begun) }, 'PostgreSQL cluster created');
  return password;
}

/** Sets a new password in a cluster whose password file is gone. PostgreSQL's single-user mode needs no password. */
async function renew(dataDir: string, runner: Runner, log: EmbeddedLog): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const cluster = join(dataDir, 'postgres');
  const args = ['--single', '-D', cluster, '-c', 'exit_on_error=on', 'postgres'];
  await run(runner, 'postgres', args, cluster, `alter role ${NAME} password '${password}'\n`);
  save(dataDir, password);
  log.warn({}, 'the password file was missing: PostgreSQL has been given a new password');
  return password;
}

function save(dataDir: string, password: string): void {
  const temporary = join(dataDir, 'password.new');
  rmSync(temporary, { force: true });
  writeFileSync(temporary, `${password}\n`, { mode: 0o600, flush: true });
  renameSync(temporary, join(dataDir, 'password'));
  sync(dataDir);
}

/** Unlike the server, initdb looks up the name of the user. Containers often run as a uid without a name. */
function mustHaveName({ account }: Runner): void {
  if (account) return;
  try {
    userInfo();
  } catch (error) {
    throw new EmbeddedError(
      `PostgreSQL cannot make its cluster as uid ${process.geteuid?.()}, which has no entry in /etc/passwd.` +
        ' Start the service once as a user with an entry, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

function verify(cluster: string, runner: Runner): void {
  const file = join(cluster, 'PG_VERSION');
  if (!existsSync(file)) {
    throw new EmbeddedError(
      `${cluster} is neither empty nor a PostgreSQL cluster (it has no PG_VERSION).` +
        ' Move it away, or set PICT_REPO_DATA_DIR to another folder.',
    );
  }
  const found = readFileSync(file, 'utf8').trim();
  const major = runner.native.version.replace(/\..*/, '');
  if (found === major) return;
  throw new EmbeddedError(
    `The database in ${cluster} was made by PostgreSQL ${found}, and this release brings PostgreSQL ${major}.` +
      ` Nothing was changed. Export it with the release that has PostgreSQL ${found}, or run pg_upgrade,` +
      ' or set PICT_REPO_DATA_DIR to a new folder, or DATABASE_URL to a PostgreSQL of your own.',
  );
}

/** Gives a cluster that was copied by root, or with other modes, the owner and modes that PostgreSQL requires. */
function protect(cluster: string, runner: Runner): void {
  const { mode, uid } = statSync(cluster);
  if (runner.account && uid === 0) {
    for (const entry of readdirSync(cluster, { recursive: true, withFileTypes: true })) {
      lchownSync(join(entry.parentPath, entry.name), runner.account.uid, runner.account.gid);
    }
    own(cluster, runner);
  }
  if ((mode & 0o077) !== 0) chmodSync(cluster, 0o700);
}

function own(path: string, { account }: Runner): void {
  if (account) chownSync(path, account.uid, account.gid);
}

/** Removes our folder and those of interrupted starts. */
function sweep(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!/^postgres(ql-.+)?\.new-\w{6}$/.test(name)) continue;
    try {
      rmSync(join(dataDir, name), { recursive: true, force: true });
    } catch {
      // An initdb that has outlived its process still writes there. A later start removes it.
    }
  }
}

/** Makes renames in a folder outlast a power failure. */
function sync(folder: string): void {
  const directory = openSync(folder, 'r');
  fsyncSync(directory);
  closeSync(directory);
}
