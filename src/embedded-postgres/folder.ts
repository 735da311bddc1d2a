import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Account, obstacle, userName } from './account.js';
import { codeOf, EmbeddedError } from './error.js';

/** Makes the data folder. PostgreSQL's user can enter it, even if the umask of root forbids that. */
export function makeFolder(dataDir: string): string {
  const first = mkdirSync(dataDir, { recursive: true });
  if (first !== undefined && process.geteuid?.() === 0) {
    for (let made = dataDir; made.length >= first.length; made = dirname(made)) chmodSync(made, 0o755);
  }
  return realpathSync(dataDir);
}

/** Where the data is kept if PostgreSQL's user cannot enter the wanted folder. Every user can enter this one. */
const ELSEWHERE = '/var/lib/pict-repo';

/**
 * If root starts the service in a folder that PostgreSQL's user cannot enter, such as /root, the data is kept elsewhere.
 * The data folder becomes a link to it, which later starts follow. A folder that is not empty is left as it is.
 *
 * @returns where the data is, if the link was made now
 */
export function linkElsewhere(dataDir: string, account: Account, elsewhere = ELSEWHERE): string | undefined {
  const place = existsSync(dataDir) ? dataDir : dirname(dataDir);
  if (!existsSync(place) || obstacle(realpathSync(place), account, 1) === undefined) return undefined;
  // A start that failed leaves the folder `owners` behind.
  if (existsSync(dataDir) && readdirSync(dataDir).some((name) => name !== 'owners')) return undefined;
  const target = makeFolder(join(elsewhere, dataDir));
  rmSync(dataDir, { recursive: true, force: true });
  symlinkSync(target, dataDir);
  return target;
}

/** @throws {EmbeddedError} if the user that PostgreSQL runs as cannot enter the data folder */
export function mustReach(dataDir: string, account: Account): void {
  const folder = obstacle(dataDir, account, 1);
  if (folder === undefined) return;
  throw new EmbeddedError(
    `PostgreSQL does not run as root but as the user ${account.name}, who cannot enter ${folder},` +
      ` which leads to the data folder ${dataDir}. Put the data below folders that everyone can enter:` +
      ' PICT_REPO_DATA_DIR=/var/lib/pict-repo npm start; or start as an ordinary user;' +
      ' or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/**
 * Makes an EmbeddedError of an error of the file system, because the operator has to remove its cause: a full disk,
 * a folder of another user. Any other error is a bug and stays as it is.
 */
export function forOperator(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error) || error instanceof EmbeddedError || !('syscall' in error)) return error;
  const denied = codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM';
  return new EmbeddedError(
    `The data folder ${dataDir} cannot be used: ${error.message}.${denied ? ownerHint(dataDir) : ''}` +
      ' Mend that, or set PICT_REPO_DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL of your own.',
    { cause: error },
  );
}

function ownerHint(dataDir: string): string {
  try {
    return ` The folder belongs to the user ${userName(statSync(dataDir).uid)}.`;
  } catch {
    return '';
  }
}
