import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { isLive } from '../doomed.js';
import { isShared } from '../file-owner.js';
import { goneContents, jobsForFiles, lockedChildren } from './removal-parts.js';

/**
 * What a cleanup did:
 * - `removed`: the hash and everything that belongs to it were removed.
 * - `in_use`: nothing was removed, because the hash has aliases.
 * - `enqueue_required`: nothing was removed. There are too many children for one statement, and without a queue nobody
 *   would learn which files to delete.
 * - `unsure`: nothing was removed, because an alias may have been added since the snapshot. Call markStatement and try
 *   again.
 * - `removing`: the hash is doomed and is removed in steps (doomed-steps.ts).
 * - null: the hash does not exist.
 */
type Outcome = 'removed' | 'in_use' | 'enqueue_required' | 'unsure' | 'removing' | null;

export interface CleanupRow {
  outcome: Outcome;
  /** For `in_use`, the first aliases that keep the hash. */
  aliases: string[];
  variants: string[];
  identifiers: string[];
}

export interface Cleanup {
  hash: Buffer;
  onlyIfUnreferenced: boolean;
  /** The queue that gets a job for each removed file. */
  queue: string | undefined;
  /** The most aliases, variants, claims and proxies that one statement removes. */
  maxChildren: number;
}

/** Makes an insert of jobs from a query of them. Returns undefined if no jobs are wanted. */
export type Enqueue = (jobs: Fragment) => Fragment | undefined;

/** How many of the aliases that keep a hash are returned. */
const NAMED_ALIASES = 100;

/**
 * Marks a hash as doomed, so that nothing more is added to it. Additions lock the row only while it is not doomed, and
 * this statement waits for those that have locked it. So the next statement sees all of its children.
 */
export function markStatement(sql: Sql, hash: Buffer) {
  return sql`
    with target as materialized (
      select hash
      from hashes
      where hash = ${hash}
        and doomed_at is null
      for update
    )
    update hashes
    set doomed_at = clock_timestamp()
    where hash = any(array(select hash from target))`;
}

/**
 * Removes a hash with everything that belongs to it, and returns what it removed. If that is too much for one
 * statement, the hash becomes doomed instead. A mark by markStatement is cleared if the hash is kept. Rows are locked
 * first, parents before children and each table in the order of its key, to avoid deadlocks.
 */
export function cleanupStatement(
  sql: Sql,
  { hash, onlyIfUnreferenced, queue, maxChildren }: Cleanup,
  enqueue: Enqueue,
) {
  const enqueued = enqueue(jobsForFiles(sql));
  return sql<CleanupRow[]>`
    with target as materialized (
      select hash, identifier, motion_identifier, doomed_at, removal
      from hashes
      where hash = ${hash}
      for update
    ),
    -- An alias that another transaction is removing must not keep the hash, so the lock waits for it.
    live as materialized (
      select alias
      from aliases
      where ${onlyIfUnreferenced}::boolean
        and hash = any(array(select hash from target where removal is null))
      order by alias
      limit ${NAMED_ALIASES}
      for update
    ),
    child as (
      (select from aliases where hash = any(array(select hash from target)) limit ${maxChildren + 1})
      union all
      (select from variants where hash = any(array(select hash from target)) limit ${maxChildren + 1})
      union all
      (select from variant_claims where hash = any(array(select hash from target)) limit ${maxChildren + 1})
      union all
      (
        select
        from proxies
        where alias = any(array(
          select alias from aliases where hash = any(array(select hash from target)) limit ${maxChildren + 1}
        ))
        limit ${maxChildren + 1}
      )
    ),
    decision as materialized (
      select
        case
          when removal is not null then 'removing'
          when exists (select from live) then 'in_use'
          when (select count(*) from child) <= ${maxChildren} then 'removed'
          when ${queue === undefined} then 'enqueue_required'
          when ${onlyIfUnreferenced} and doomed_at is null then 'unsure'
          else 'removing'
        end as outcome
      from target
    ),
    marked as (
      update hashes
      set doomed_at = clock_timestamp(), removal = jsonb_build_object('enqueue', ${queue ?? null}::text)
      where hash = any(array(select hash from target where removal is null))
        and (select outcome from decision) = 'removing'
    ),
    unmarked as (
      update hashes
      set doomed_at = null
      where hash = any(array(select hash from target where doomed_at is not null))
        and (select outcome from decision) in ('in_use', 'enqueue_required')
    ),
    doomed as materialized (
      select hash, identifier, motion_identifier
      from target
      where (select outcome from decision) = 'removed'
    ),
    released as materialized (
      select alias
      from aliases
      where hash = any(array(select hash from doomed))
      order by alias
      for update
    ),
    ${lockedChildren(sql)},
    ${goneContents(sql)}
    ${enqueued ? sql`, enqueued as (${enqueued})` : NOTHING(sql)},
    named as (
      select alias from released
      union all
      select alias from live
    )
    select
      (select outcome from decision) as outcome,
      coalesce((select json_agg(alias order by alias) from named), '[]') as aliases,
      coalesce((select json_agg(variant order by variant) from doomed_variants), '[]') as variants,
      coalesce((select json_agg(identifier order by identifier) from removed), '[]') as identifiers`;
}

/** Removes a variant with its access record and the details of its file. */
export function removeVariantStatement(sql: Sql, hash: Buffer, variant: string) {
  return sql<{ identifier: string }[]>`
    with doomed as materialized (
      select hash, variant, identifier
      from variants
      where hash = ${hash}
        and variant = ${variant}
        and ${isLive(sql, sql`variants.hash`)}
      for update
    ),
    removed as (
      select identifier
      from doomed
      where not ${isShared(sql, sql`doomed.identifier`)}
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from removed))
    ),
    gone_access as (
      delete from variant_accesses
      where (hash, variant) in (select hash, variant from doomed)
    ),
    gone_variant as (
      delete from variants
      where (hash, variant) in (select hash, variant from doomed)
    )
    select identifier
    from removed`;
}
