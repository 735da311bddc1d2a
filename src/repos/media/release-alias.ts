import { createHash } from 'node:crypto';
import type { LockTimeout } from '../../database/lock-timeout.js';
import { releaseStatement } from './release.js';
import type { Remover } from './remover.js';

interface Options {
  /** The queue that is told of each removed file. */
  enqueue?: string | undefined;
  /** How long a lock is waited for; by default as long as a statement may run. */
  lockTimeout?: LockTimeout | undefined;
}

/**
 * Removes an alias, and with the last one its content. Again it removes nothing.
 *
 * @param remover runs the statement
 */
export function aliasReleases({ remove }: Pick<Remover, 'remove'>) {
  /**
   * @param token undefined where any will do
   * @returns undefined where it is not the token of the alias
   */
  return async (alias: string, token: string | undefined, { enqueue, lockTimeout }: Options) => {
    const digest = token === undefined ? null : createHash('sha256').update(token).digest();
    const { fits, removed, removing } = await remove({ enqueue }, (sql, options) =>
      releaseStatement(sql, alias, digest, { ...options, lockTimeout }),
    );
    if (fits === false) return undefined;
    return { removed, ...(removing.length > 0 && { more: true as const }) };
  };
}

export type ReleaseAlias = ReturnType<typeof aliasReleases>;
