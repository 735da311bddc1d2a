import type { Fragment, Sql } from '../../database/database.js';
import { isShared } from '../file-owner.js';

/** What a cleanup found and removed. */
export interface CleanupRow {
  aliases: string[];
  in_use: boolean;
  variants: string[];
  identifiers: string[];
}

/** A concurrent request may add these rows while the hash is removed. The next run sees and removes them. */
export const CLEANUP_CONFLICTS = [
  'aliases_hash_fkey',
  'variants_hash_fkey',
  'proxies_alias_fkey',
  'alias_accesses_alias_fkey',
  'variant_accesses_variant_fkey',
];

/**
 * Removes a hash and everything that belongs to it, and returns what it removed. Rows are locked first, parents before
 * children and each table in the order of its key, as in every statement that changes many rows: no two deadlock. An
 * identifier that old data also uses elsewhere is not returned, because its file must not be deleted.
 *
 * @param enqueue makes the insert of jobs from a query of them; undefined when no job is wanted
 */
export function cleanupStatement(
  sql: Sql,
  hash: Buffer,
  onlyIfUnreferenced: boolean,
  enqueue: (jobs: Fragment) => Fragment | undefined,
) {
  const enqueued = enqueue(sql`
    select json_build_object('Identifier', json_build_object('identifier', identifier)) as job
    from removed
    order by identifier`);
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
      where not ${isShared(sql, sql`owned.identifier`)}
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
    )
    ${enqueued ? sql`, enqueued as (${enqueued})` : sql``}
    select
      coalesce((select json_agg(alias order by alias) from live), '[]') as aliases,
      exists (select from target) and not exists (select from doomed) as in_use,
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
