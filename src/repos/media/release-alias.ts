import { createHash } from 'node:crypto';
import type { LockTimeout } from '../../database/lock-timeout.js';
import { releaseStatement } from './release.js';
import type { Remover } from './remover.js';

interface Options {
  /** The queue that gets a job for each removed file. */
  enqueue?: string | undefined;
  /** How long the statement waits for a lock; by default until the statement timeout. */
  lockTimeout?: LockTimeout | undefined;
}

/**
 * Removes an alias, and its content if that has no other alias. Removing it again is a success without effect.
 *
 * @param remover runs the statement
 */
export function aliasReleases({ remove }: Pick<Remover, 'remove'>) {
  /**
   * @param token undefined if the caller does not have to know the token
   * @returns undefined if the alias has another token
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
