import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';

/** What a release or an expiry has removed, or would remove. */
export interface Removed {
  aliases: string[];
  hashes: string[];
  variants: { hash: string; variant: string }[];
  /** The files that may be deleted now. */
  identifiers: string[];
}

/** A concurrent request may add these rows to what is being removed. The next run sees them, and decides anew. */
export const REMOVAL_CONFLICTS = [
  'aliases_hash_fkey',
  'variants_hash_fkey',
  'proxies_alias_fkey',
  'alias_accesses_alias_fkey',
  'variant_accesses_variant_fkey',
];

export interface RemovalOptions {
  /** Makes the insert of jobs from a query of them; undefined where no job is wanted. */
  enqueue: ((jobs: Fragment) => Fragment) | undefined;
  /** Tells what would be removed, and removes nothing. */
  isDry: boolean;
}

/**
 * The CTEs that remove aliases with their proxies and accesses, and contents with their variants and details. They come
 * after two of the caller's: `released` (alias, hash), and `orphaned` (hash, identifier, motion_identifier), the contents
 * that have no alias but these. The caller has locked both, hashes before aliases, each in the order of its key. What
 * belongs to them is locked here. `removed` are the files that may be deleted now.
 */
export function removal(sql: Sql, options: RemovalOptions): Fragment {
  const gone = sql`,
    ${goneDetails(sql)},
    gone_proxies as (
      delete from proxies
      where url_sha256 = any(array(select url_sha256 from doomed_proxies))
    ),
    gone_alias_accesses as (
      delete from alias_accesses
      where alias = any(array(select alias from released))
    ),
    gone_aliases as (
      delete from aliases
      where alias = any(array(select alias from released))
    ),
    gone_variant_accesses as (
      delete from variant_accesses
      where hash = any(array(select hash from orphaned))
    ),
    gone_variants as (
      delete from variants
      where hash = any(array(select hash from orphaned))
    ),
    gone_hashes as (
      delete from hashes
      where hash = any(array(select hash from orphaned))
    )
    ${enqueued(sql, options)}`;
  return sql`
    doomed_variants as materialized (
      select hash, variant, identifier
      from variants
      where hash = any(array(select hash from orphaned))
      order by hash, variant
      for update
    ),
    doomed_proxies as materialized (
      select url_sha256
      from proxies
      where alias = any(array(select alias from released))
      order by url_sha256
      for update
    ),
    removed as materialized (
      select identifier
      from (
        select identifier from orphaned
        union
        select motion_identifier from orphaned where motion_identifier is not null
        union
        select identifier from doomed_variants
      ) as file
    )
    ${options.isDry ? NOTHING(sql) : gone}`;
}

/** The CTEs that remove the details of the files `removed`. */
export function goneDetails(sql: Sql): Fragment {
  return sql`
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
    )`;
}

/** The CTE that pushes a job for each of the files `removed`, with a comma before it. */
export function enqueued(sql: Sql, { enqueue }: RemovalOptions): Fragment {
  if (!enqueue) return NOTHING(sql);
  const jobs = sql`
    select json_build_object('Identifier', json_build_object('identifier', identifier)) as job
    from removed
    order by identifier`;
  return sql`, enqueued as (${enqueue(jobs)})`;
}

/** An expression: what the CTEs remove, as JSON. */
export function whatIsRemoved(sql: Sql): Fragment {
  return sql`json_build_object(
    'aliases', coalesce((select json_agg(alias order by alias) from released), '[]'),
    'hashes', coalesce((select json_agg(encode(hash, 'hex') order by hash) from orphaned), '[]'),
    'variants', coalesce(
      (
        select json_agg(json_build_object('hash', encode(hash, 'hex'), 'variant', variant) order by hash, variant)
        from doomed_variants
      ),
      '[]'
    ),
    'identifiers', coalesce((select json_agg(identifier order by identifier) from removed), '[]')
  )`;
}
