import type { Sql } from '../../database/database.js';

/** What a cleanup found and removed. */
export interface CleanupRow {
  aliases: string[];
  in_use: boolean;
  variants: string[];
  identifiers: string[];
}

/** Rows that a concurrent transaction adds to a hash while it is removed; a retry sees and removes them. */
export const CLEANUP_CONFLICTS = [
  'aliases_hash_fkey',
  'variants_hash_fkey',
  'proxies_alias_fkey',
  'alias_accesses_alias_fkey',
  'variant_accesses_variant_fkey',
];

/** Where the job of each removed file goes. */
interface Enqueue {
  queue: string;
  maxAttempts: number;
}

/**
 * Removes a hash and all that hangs on it, and says what that was. Everything is locked first, parents
 * before children and each kind in the order of its key, as everything else that touches many rows does.
 * An identifier that stands elsewhere too is kept out of the answer: its file may not be deleted.
 */
export function cleanupStatement(
  sql: Sql,
  hash: Buffer,
  onlyIfUnreferenced: boolean,
  enqueue: Enqueue | undefined,
) {
  return sql<CleanupRow[]>`
    with target as materialized (
      select hash, identifier, motion_identifier
      from hashes
      where hash = ${hash}
      for update
    ),
    live as materialized (
      select alias
      from aliases
      where hash = any(array(select hash from target))
      order by alias
      for update
    ),
    doomed as materialized (
      select hash, identifier, motion_identifier
      from target
      where not (${onlyIfUnreferenced}::boolean and exists (select from live))
    ),
    doomed_aliases as (
      select alias
      from live
      where exists (select from doomed)
    ),
    doomed_variants as materialized (
      select variant, identifier
      from variants
      where hash = any(array(select hash from doomed))
      order by variant
      for update
    ),
    doomed_proxies as materialized (
      select url_sha256
      from proxies
      where alias = any(array(select alias from doomed_aliases))
      order by url_sha256
      for update
    ),
    removed as (
      select identifier
      from (
        select identifier from doomed
        union
        select motion_identifier from doomed where motion_identifier is not null
        union
        select identifier from doomed_variants
      ) as owned
      where not exists (select from hashes where identifier = owned.identifier and hash <> ${hash})
        and not exists (select from hashes where motion_identifier = owned.identifier and hash <> ${hash})
        and not exists (select from variants where identifier = owned.identifier and hash <> ${hash})
    ),
    doomed_details as materialized (
      select identifier
      from details
      where identifier = any(array(select identifier from removed))
      order by identifier
      for update
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from doomed_details))
    ),
    gone_proxies as (
      delete from proxies
      where url_sha256 = any(array(select url_sha256 from doomed_proxies))
    ),
    gone_alias_accesses as (
      delete from alias_accesses
      where alias = any(array(select alias from doomed_aliases))
    ),
    gone_aliases as (
      delete from aliases
      where alias = any(array(select alias from doomed_aliases))
    ),
    gone_variant_accesses as (
      delete from variant_accesses
      where hash = any(array(select hash from doomed))
    ),
    gone_variants as (
      delete from variants
      where hash = any(array(select hash from doomed))
    ),
    gone_hash as (
      delete from hashes
      where hash = any(array(select hash from doomed))
    ),
    enqueued as (
      insert into jobs (queue, job, max_attempts)
      select
        ${enqueue?.queue ?? null}::text,
        json_build_object('Identifier', json_build_object('identifier', identifier)),
        ${enqueue?.maxAttempts ?? null}::integer
      from removed
      where ${enqueue !== undefined}::boolean
      order by identifier
    )
    select
      coalesce((select json_agg(alias order by alias) from live), '[]') as aliases,
      exists (select from target) and not exists (select from doomed) as in_use,
      coalesce((select json_agg(variant order by variant) from doomed_variants), '[]') as variants,
      coalesce((select json_agg(identifier order by identifier) from removed), '[]') as identifiers`;
}

/** Removes one variant with its access record and its details. */
export function removeVariantStatement(sql: Sql, hash: Buffer, variant: string) {
  return sql<{ identifier: string }[]>`
    with doomed as materialized (
      select hash, variant, identifier
      from variants
      where hash = ${hash}
        and variant = ${variant}
      for update
    ),
    removed as (
      select identifier
      from doomed
      where not exists (select from hashes where identifier = doomed.identifier)
        and not exists (select from hashes where motion_identifier = doomed.identifier)
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
