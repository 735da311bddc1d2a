import type { Fragment, Sql } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { sha256 } from '../values.js';
import { type RemovalOptions, type RemovalRow, removal, removalRow } from './removal.js';
import type { Remover } from './remover.js';

interface ReleaseRow extends RemovalRow {
  /** Whether the token is that of the alias; null if the alias does not exist. */
  fits: boolean | null;
}

interface ReleaseOptions {
  /** The queue that gets a job for each removed file. */
  enqueue?: string | undefined;
  /** How long the statement waits for a lock; by default until the statement timeout. */
  lockTimeout?: LockTimeout | undefined;
}

/** Returns a function that releases an alias. Releasing it again is a success without effect. */
export function aliasReleases({ remove }: Pick<Remover, 'remove'>) {
  /**
   * @param token undefined if the caller does not have to know the token
   * @returns undefined if the alias has another token
   */
  return async (alias: string, token: string | undefined, { enqueue, lockTimeout }: ReleaseOptions) => {
    const digest = token === undefined ? null : sha256(token);
    const { fits, removed, removing } = await remove({ enqueue }, (sql, options) =>
      releaseStatement(sql, alias, digest, { ...options, lockTimeout }),
    );
    if (fits === false) return undefined;
    return { removed, ...(removing.length > 0 && { more: true as const }) };
  };
}

export type ReleaseAlias = ReturnType<typeof aliasReleases>;

/**
 * Removes an alias, and its content if that has no other alias.
 *
 * The snapshot cannot tell which alias is the last one: concurrent releases of the last two would each see the other
 * alias. So the statement locks the hash, then the alias, then one other existing alias. Locking all aliases would wait
 * for every transaction that holds one of them.
 *
 * @param tokenSha256 the digest of the expected token; null accepts any token
 */
function releaseStatement(
  sql: Sql,
  alias: string,
  tokenSha256: Buffer | null,
  { lockTimeout, ...options }: RemovalOptions & { lockTimeout?: LockTimeout | undefined },
) {
  const fits = tokenSha256 ? sql`sha256(convert_to(delete_token, 'UTF8')) = ${tokenSha256}` : sql`true`;
  return sql<ReleaseRow[]>`
    with target as materialized (
      select hash, identifier, motion_identifier, doomed_at, xmin::text as version
      from hashes
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = (select hash from aliases where alias = ${alias})
        and removal is null
      for update
    ),
    live as materialized (
      select alias, hash, ${fits} as fits
      from aliases
      where alias = ${alias}
        and hash = (select hash from target)
      for update
    ),
    chosen as materialized (
      select alias, hash
      from live
      where fits
    ),
    other as materialized (
      select alias
      from aliases
      where hash = (select hash from chosen)
        and alias <> ${alias}
      order by alias
      limit 1
      for key share
    ),
    orphaned as materialized (
      select hash, identifier, motion_identifier, doomed_at
      from target
      where exists (select from chosen)
        and not exists (select from other)
    ),
    ${removal(sql, options)}
    select (select fits from live) as fits, ${removalRow(sql)}`;
}

/** Aliases to be released. */
export interface Selection {
  /** A query of their `alias` and `hash` in the order of their release, without locks. */
  candidates: Fragment;
  /** A condition on a row of `aliases`, which is checked again once the row is locked. */
  condition: Fragment;
}

/** A pass of a removal: what was removed, and whether there may be more to remove. */
export interface PassRow extends RemovalRow {
  more: boolean;
}

/** Releases the first aliases of a selection. A content is removed if all of its aliases are among them. */
export function releaseManyStatement(
  sql: Sql,
  { candidates, condition }: Selection,
  limit: number,
  options: RemovalOptions,
) {
  return sql<PassRow[]>`
    with candidate as materialized (
      select alias, hash, row_number() over () as n
      from (${candidates} limit ${limit + 1}) as found
    ),
    ${lockedContents(sql, sql`select hash from candidate where n <= ${limit}`)},
    chosen as materialized (
      select alias, hash
      from aliases
      where alias = any(array(select alias from candidate where n <= ${limit}))
        and hash = any(array(select hash from target))
        and ${condition}
      order by alias
      for update
    ),
    ${orphanedContents(sql)},
    ${removal(sql, options)}
    select
      ${removalRow(sql)},
      (select count(*) from candidate) > ${limit} or exists (select from left_for_later) as more`;
}

/**
 * The CTE `target`: locks the contents with these hashes. It skips those that are being removed, which have no aliases
 * any more.
 */
export function lockedContents(sql: Sql, hashes: Fragment): Fragment {
  return sql`
    target as materialized (
      select hash, identifier, motion_identifier, doomed_at, xmin::text as version
      from hashes
      where hash = any(array(${hashes}))
        and removal is null
      order by hash
      for update
    )`;
}

/** The CTE `orphaned`: those contents of `target` whose aliases are all in `chosen`. */
export function orphanedContents(sql: Sql): Fragment {
  return sql`
    survivor as materialized (
      select target.hash
      from (select hash from target where hash in (select hash from chosen) order by hash) as target
      cross join lateral (
        select
        from aliases
        where aliases.hash = target.hash
          and alias not in (select alias from chosen)
        order by alias
        limit 1
        for key share
      ) as other
    ),
    orphaned as materialized (
      select hash, identifier, motion_identifier, doomed_at
      from target
      where hash in (select hash from chosen)
        and hash not in (select hash from survivor)
    )`;
}
