import type { Fragment, Sql } from '../../database/database.js';
import { MAX_CHILDREN } from '../hashes/cleanup.js';
import { lockedContents, orphanedContents } from '../media/release.js';
import { type RemovalOptions, type RemovalRow, removal, removalRow } from '../media/removal.js';
import { blockedContents, hashesWithoutAlias, proxiesOfExpiredAliases } from './find-contents.js';
import { type Finder, type Look, nextPlace, oldEnough, type Place } from './look.js';

/**
 * Statements that find, decide and remove at once. Findings are locked and checked again, hashes before aliases as in
 * media.releaseAlias. If an alias is added meanwhile, its foreign key fails the statement, and the next run sees it.
 */

export interface RemovalPass extends RemovalRow {
  /** The place where the next pass begins; null at the end. */
  next: Place | null;
}

interface Asked {
  look: Look;
  limit: number;
  options: RemovalOptions;
}

function removalStatement(sql: Sql, finder: Finder, { look, limit, options }: Asked, judged: Fragment) {
  return sql<RemovalPass[]>`
    with ${finder.looked(sql, look)},
    ${lockedContents(sql, sql`select hash from found where m <= ${limit}`)},
    ${judged},
    ${removal(sql, options)}
    select
      ${removalRow(sql)},
      case
        when exists (select from left_for_later) then ${JSON.stringify(look.after)}::text::json
        else ${nextPlace(sql, finder, look, limit)}
      end as next`;
}

/** Removes contents that have no alias. */
export function removeWithoutAlias(sql: Sql, asked: Asked) {
  return removalStatement(
    sql,
    hashesWithoutAlias,
    asked,
    sql`
      chosen as materialized (
        select alias, hash from aliases where false
      ),
      orphaned as materialized (
        select hash, identifier, motion_identifier, doomed_at
        from target
        where (select true from aliases where aliases.hash = target.hash limit 1) is null
      )`,
  );
}

/** Removes contents that are blocked, with all their aliases. */
export function removeBlocked(sql: Sql, asked: Asked) {
  return removalStatement(
    sql,
    blockedContents,
    asked,
    sql`
      chosen as materialized (
        select named.alias, target.hash
        from (select hash from target order by hash) as target
        cross join lateral (
          select alias
          from aliases
          where aliases.hash = target.hash
          order by alias
          limit ${MAX_CHILDREN + 1}
          for update
        ) as named
      ),
      orphaned as materialized (
        select hash, identifier, motion_identifier, doomed_at
        from target
      )`,
  );
}

/** Releases expired aliases of proxied URLs, and removes contents that have no other alias. */
export function removeExpiredProxies(sql: Sql, asked: Asked) {
  return removalStatement(
    sql,
    proxiesOfExpiredAliases,
    asked,
    sql`
      chosen as materialized (
        select alias, hash
        from aliases
        where alias = any(array(select alias from found where m <= ${asked.limit}))
          and hash = any(array(select hash from target))
          and expires_at < ${oldEnough(sql, asked.look)}
        order by alias
        for update
      ),
      ${orphanedContents(sql)}`,
  );
}
