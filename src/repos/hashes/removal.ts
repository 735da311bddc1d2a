import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { isLive } from '../doomed.js';
import { isShared } from '../file-owner.js';
import { goneContents, jobsForFiles, lockedChildren } from './removal-parts.js';

/**
 * What a cleanup did:
 * - `removed`: all of it is gone.
 * - `in_use`: nothing, as the hash has aliases.
 * - `enqueue_required`: nothing, as it has too many children for one statement, and nobody would learn its files.
 * - `unsure`: nothing, as an alias may have come since; to be asked again after markStatement.
 * - `removing`: it is doomed, and goes in steps (doomed-steps.ts).
 * - null: there is no such hash.
 */
type Outcome = 'removed' | 'in_use' | 'enqueue_required' | 'unsure' | 'removing' | null;

export interface CleanupRow {
  outcome: Outcome;
  /** In use: the first of them. */
  aliases: string[];
  variants: string[];
  identifiers: string[];
}

export interface Cleanup {
  hash: Buffer;
  onlyIfUnreferenced: boolean;
  /** The queue that is told of each file. */
  queue: string | undefined;
  /** So many aliases, variants, claims and proxies go in one statement. */
  maxChildren: number;
}

/** Makes the insert of jobs from a query of them; undefined when no job is wanted. */
export type Enqueue = (jobs: Fragment) => Fragment | undefined;

/** How many of the aliases that keep a hash are named. */
const NAMED_ALIASES = 100;

/**
 * Marks a hash, so that nothing is added to it any more: whoever adds locks the row where it is not doomed, and `for
 * update` waits for those who have locked it before. What a later statement sees of its children is then all.
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
 * Removes a hash and everything that belongs to it, and returns what it removed. Rows are locked first, parents before
 * children and each table in the order of its key, as in every statement that changes many rows: no two deadlock. An
 * identifier that old data also uses elsewhere is not returned, because its file must not be deleted. Where there is too
 * much for one statement, it decides that the hash is doomed. A mark that decided nothing goes.
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
    -- Locked, so that one that is on its way out does not keep the hash.
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

/** Removes a variant with its access record, and its file's details. */
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
