import type { Fragment, Sql } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { type RemovalOptions, type RemovalRow, removal, removalRow } from './removal.js';

interface ReleaseRow extends RemovalRow {
  /** Whether the token is that of the alias; null where there is no alias. */
  fits: boolean | null;
}

/**
 * Removes an alias, and with the last one its content.
 *
 * Which alias is the last one cannot be told from the snapshot: two releases of the last two would each see the other's.
 * So the hash is locked, then this alias, and then one other that is still there. Locking all would wait for everybody.
 *
 * @param tokenSha256 the token must have this digest; null where any will do
 */
export function releaseStatement(
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
      where ${lockTimeout ? withinLockTimeout(sql, lockTimeout) : sql`true`}
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

/** Aliases that are to be released. */
export interface Selection {
  /** A query of their `alias` and `hash`, in the order in which they go, that takes no locks. */
  candidates: Fragment;
  /** A condition on a row of `aliases`, which is asked again when the row is locked. */
  condition: Fragment;
}

/** A pass of a removal: what it has removed, and whether there may be more. */
export interface PassRow extends RemovalRow {
  more: boolean;
}

/** Releases the first aliases of a selection. Those of one content are judged together. */
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

/** The CTE `target`: the contents with these hashes, locked. One that is being removed has no aliases any more. */
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

/** The CTE `orphaned`: of the contents `target` those that have no alias but the `chosen` ones. */
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
