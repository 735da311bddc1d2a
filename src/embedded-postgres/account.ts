import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedError } from './error.js';

/** The user that PostgreSQL runs as if this process runs as root, because PostgreSQL refuses to run as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The options for spawn; none if PostgreSQL runs as the user of this process. Node drops the other groups as well. */
export function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/**
 * The user to run PostgreSQL as; undefined for the user of this process. Root hands over to the owner of the existing
 * cluster, else to the system's PostgreSQL user, else to nobody.
 *
 * @throws {EmbeddedError} when the cluster belongs to another user, or root finds no such user
 */
export function accountFor(cluster: string): Account | undefined {
  const owner = statSync(cluster, { throwIfNoEntry: false });
  const me = process.geteuid?.();
  if (me === undefined) return undefined;
  if (me !== 0) {
    if (owner && owner.uid !== me) throw foreign(cluster, owner.uid, me);
    return undefined;
  }
  const users = accounts();
  if (owner && owner.uid !== 0) {
    return (
      users.find(({ uid }) => uid === owner.uid) ?? {
        name: `uid ${owner.uid}`,
        uid: owner.uid,
        gid: owner.gid,
      }
    );
  }
  const names = ['postgres', '_postgres', 'nobody'];
  const account = names.map((name) => users.find((user) => user.name === name)).find((user) => user);
  if (account) return account;
  throw new EmbeddedError(
    'PostgreSQL refuses to run as root, and this system has neither a user postgres nor a user nobody.' +
      ' Start the service as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/**
 * The first folder on the way to a path that the user cannot enter, or the path itself if its own mode lacks the bits
 * `wanted` (4 read, 1 enter). Undefined if nothing is in the way.
 */
export function obstacle(path: string, account: Account, wanted: number): string | undefined {
  const way = [path];
  for (let step = path; step !== dirname(step); step = dirname(step)) way.unshift(dirname(step));
  return way.find((step) => {
    const { mode, uid, gid } = statSync(step);
    const granted = mode >> (account.uid === uid ? 6 : account.gid === gid ? 3 : 0);
    const needed = step === path ? wanted : 1;
    return (granted & needed) !== needed;
  });
}

/** The user's name, for messages. */
export function userName(uid: number): string {
  return accounts().find((account) => account.uid === uid)?.name ?? `uid ${uid}`;
}

function accounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name, , uid, gid]) => ({ name: String(name), uid: Number(uid), gid: Number(gid) }));
}

function foreign(cluster: string, owner: number, me: number): EmbeddedError {
  return new EmbeddedError(
    `The database in ${cluster} belongs to the user ${userName(owner)}, and this is ${userName(me)}.` +
      ` Start the service as ${userName(owner)}, or set PICT_REPO_DATA_DIR to another folder.`,
  );
}
