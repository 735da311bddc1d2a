import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import type { InsertJobs } from '../enqueue.js';
import { MAX_CHILDREN } from '../hashes/cleanup.js';
import { enqueued, goneContents, lockedChildren } from '../hashes/removal-parts.js';

/** What a release or an expiry has removed, or what a dry run would remove. */
interface Removed {
  aliases: string[];
  hashes: string[];
  variants: { hash: string; variant: string }[];
  /** The files that may be deleted now. */
  identifiers: string[];
}

export interface RemovalOptions {
  /** The queue that gets a job for each removed file; undefined if no jobs are wanted. */
  queue: string | undefined;
  insertJobs: InsertJobs;
  /** Reports what would be removed, and removes nothing. */
  isDry: boolean;
}

/** The most children of contents that one statement removes. The remaining contents are left for the next statement. */
const MAX_CHILDREN_TOGETHER = 5 * MAX_CHILDREN;

/**
 * The CTEs that remove aliases with their URLs and accesses, and contents with their variants and details. The caller
 * puts three CTEs before them, and locks hashes before aliases, each in the order of its key:
 * - `target` (hash, identifier, motion_identifier, doomed_at, version): the contents of the aliases, with the version
 *   of the locked row. If the snapshot has another version, it may lack details that were added since. Then nothing is
 *   removed (`is_stale`).
 * - `chosen` (alias, hash): the aliases.
 * - `orphaned` (as target, without the version): the contents whose aliases are all in `chosen`.
 *
 * `removed` has the files that may be deleted now. A content with more children than one statement may remove becomes
 * doomed, and is removed in steps (../hashes/doomed-steps.ts). It must be marked first, so that no alias is added
 * unseen. Nothing is removed while one that is not marked is in `unsure`.
 */
export function removal(sql: Sql, options: RemovalOptions): Fragment {
  const { queue = null, insertJobs, isDry } = options;
  const gone = sql`,
    ${goneContents(sql)},
    doomed_later as (
      update hashes
      set doomed_at = clock_timestamp(), removal = jsonb_build_object('enqueue', ${queue}::text)
      where hash = any(array(select hash from large where exists (select from decided)))
    ),
    unmarked as (
      update hashes
      set doomed_at = null
      where hash = any(array(
        select hash from target where doomed_at is not null and hash not in (select hash from orphaned)
      ))
    )
    ${enqueued(sql, insertJobs)}`;
  return sql`
    stale as materialized (
      select true as is_stale
      from target
      cross join lateral (select xmin::text as seen from hashes where hashes.hash = target.hash limit 1) as snapshot
      where seen <> version
    ),
    counted as materialized (
      select hash, identifier, motion_identifier, doomed_at, children, sum(children) over (order by hash) as so_far
      from orphaned
      cross join lateral (
        select count(*) as children
        from (
          (select from variants where variants.hash = orphaned.hash limit ${MAX_CHILDREN + 1})
          union all
          (select from variant_claims where variant_claims.hash = orphaned.hash limit ${MAX_CHILDREN + 1})
          union all
          (
            select
            from proxies
            where alias = any(array(select alias from chosen where chosen.hash = orphaned.hash))
            limit ${MAX_CHILDREN + 1}
          )
          union all
          (select from chosen where chosen.hash = orphaned.hash)
        ) as child
      ) as of_hash
    ),
    large as materialized (
      select hash, doomed_at
      from counted
      where children > ${MAX_CHILDREN}
    ),
    unsure as (
      select hash
      from large
      where not ${isDry}
        and (doomed_at is null or ${queue}::text is null)
    ),
    decided as (
      select true as is_decided
      where not exists (select from unsure)
        and not exists (select from stale)
    ),
    left_for_later as (
      select hash
      from counted
      where children <= ${MAX_CHILDREN}
        and so_far - children > ${MAX_CHILDREN_TOGETHER}
    ),
    doomed as materialized (
      select hash, identifier, motion_identifier
      from counted
      where exists (select from decided)
        and hash not in (select hash from large)
        and hash not in (select hash from left_for_later)
    ),
    released as materialized (
      select alias, hash
      from chosen
      where exists (select from decided)
        and hash not in (select hash from large)
        and hash not in (select hash from left_for_later)
    ),
    ${lockedChildren(sql)}
    ${isDry ? NOTHING(sql) : gone}`;
}

/** The row that a statement with these CTEs returns. */
export interface RemovalRow {
  removed: Removed;
  /** Contents that must be marked before anything is removed. They need a queue. */
  unsure: string[];
  /** Contents that are removed in steps. */
  removing: string[];
  /** Whether a content has changed since the statement began. Nothing was removed then. */
  is_stale: boolean;
}

/** The columns of a RemovalRow. */
export function removalRow(sql: Sql): Fragment {
  return sql`
    json_build_object(
      'aliases', coalesce(
        (
          select json_agg(alias order by alias)
          from (
            select alias from released
            union all
            select alias from chosen where hash in (select hash from large) and exists (select from decided)
          ) as gone
        ),
        '[]'
      ),
      'hashes', coalesce(
        (
          select json_agg(encode(hash, 'hex') order by hash)
          from (
            select hash from doomed
            union all
            select hash from large where exists (select from decided)
          ) as gone
        ),
        '[]'
      ),
      'variants', coalesce(
        (
          select json_agg(json_build_object('hash', encode(hash, 'hex'), 'variant', variant) order by hash, variant)
          from doomed_variants
        ),
        '[]'
      ),
      'identifiers', coalesce((select json_agg(identifier order by identifier) from removed), '[]')
    ) as removed,
    coalesce((select json_agg(encode(hash, 'hex') order by hash) from unsure), '[]') as unsure,
    coalesce((select json_agg(encode(hash, 'hex')) from large where exists (select from decided)), '[]') as removing,
    exists (select from stale) as is_stale`;
}
