import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { MAX_CHILDREN } from '../hashes/cleanup.js';
import { goneContents, jobsForFiles, lockedChildren } from '../hashes/removal-parts.js';

/** What a release or an expiry has removed, or would remove. */
interface Removed {
  aliases: string[];
  hashes: string[];
  variants: { hash: string; variant: string }[];
  /** The files that may be deleted now. */
  identifiers: string[];
}

export interface RemovalOptions {
  /** The queue that is told of each file; undefined where none is. */
  queue: string | undefined;
  /** Makes the insert of jobs from a query of them, for this queue. */
  enqueue: (jobs: Fragment) => Fragment;
  /** Tells what would be removed, and removes nothing. */
  isDry: boolean;
}

/** So many children of contents go in one statement; further contents are left for the next one. */
const MAX_CHILDREN_TOGETHER = 5 * MAX_CHILDREN;

/**
 * The CTEs that remove aliases with their URLs and accesses, and contents with their variants and details. They come
 * after three of the caller's, which has locked hashes before aliases, each in the order of its key:
 * - `target` (hash, identifier, motion_identifier, doomed_at, version): the contents of the aliases. The version is that of
 *   the locked row: where the snapshot has another one, it may miss details that came with it, and nothing is done.
 * - `chosen` (alias, hash): the aliases.
 * - `orphaned` (as target, without the version): the contents that have no alias but these.
 *
 * `removed` are the files that may be deleted now. A content with more children than one statement may remove is doomed,
 * and goes in steps (../hashes/doomed-steps.ts). It has to be marked before, so that no alias can come unseen: as long as
 * one of those is in `unsure`, nothing is done.
 */
export function removal(sql: Sql, options: RemovalOptions): Fragment {
  const { queue = null, isDry } = options;
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
    ${enqueued(sql, options)}`;
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

/** The CTE that pushes a job for each of the files `removed`, with a comma before it. */
export function enqueued(sql: Sql, { queue, enqueue }: RemovalOptions): Fragment {
  return queue === undefined ? NOTHING(sql) : sql`, enqueued as (${enqueue(jobsForFiles(sql))})`;
}

/** What a statement with these CTEs returns. */
export interface RemovalRow {
  removed: Removed;
  /** Contents that must be marked first, and need a queue. Nothing was removed then. */
  unsure: string[];
  /** Contents that go in steps. */
  removing: string[];
  /** A content has changed since the statement began. Nothing was removed then. */
  is_stale: boolean;
}

/** The columns of such a row. */
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
