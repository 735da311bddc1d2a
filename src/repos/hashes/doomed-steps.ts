import type { Sql } from '../../database/database.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import type { InsertJobs } from '../enqueue.js';
import { isShared } from '../file-owner.js';
import { bytes } from '../values.js';
import { enqueued } from './removal-parts.js';

export interface Doomed {
  hash: string;
  /** The queue that gets a job for each removed file. */
  queue: string | null;
}

/**
 * A mark is cleared at this age if nothing was removed: the process that set it has probably ended. The hash is then
 * visible again.
 */
const ABANDONED_AFTER = '10 seconds';

/** Finds hashes that are being removed, the longest waiting first. */
export function findDoomed(sql: Sql, limit: number) {
  return sql<Doomed[]>`
    with abandoned as materialized (
      select hash
      from hashes
      where doomed_at < clock_timestamp() - ${ABANDONED_AFTER}::interval
        and removal is null
      order by doomed_at
      limit ${limit}
      for update skip locked
    ),
    found_again as (
      update hashes
      set doomed_at = null
      where hash = any(array(select hash from abandoned))
    )
    select encode(hash, 'hex') as hash, removal ->> 'enqueue' as queue
    from hashes
    where doomed_at > '-infinity'
      and removal is not null
    order by doomed_at
    limit ${limit}`;
}

export interface StepRow {
  /** The number of files for which jobs were pushed. */
  files: number;
  is_gone: boolean;
}

/**
 * Removes some of the children of a doomed hash and returns how many files became unneeded. The last step also removes
 * the hash. Returns no row if another process holds the lock on the hash.
 */
export function stepStatement(sql: Sql, hash: string, size: number, insertJobs: InsertJobs) {
  return sql<StepRow[]>`
    with target as materialized (
      select hash, identifier, motion_identifier
      from hashes
      where ${withinLockTimeout(sql, 'long')}
        and hash = ${bytes(hash)}
        and removal is not null
      for update skip locked
    ),
    some_aliases as materialized (
      select alias
      from aliases
      where hash = any(array(select hash from target))
      order by alias
      limit ${size}
      for update
    ),
    some_variants as materialized (
      select variant, identifier
      from variants
      where hash = any(array(select hash from target))
      order by variant
      limit ${size}
      for update
    ),
    some_claims as materialized (
      select variant
      from variant_claims
      where hash = any(array(select hash from target))
      order by variant
      limit ${size}
      for update
    ),
    some_proxies as materialized (
      select url_sha256
      from proxies
      where url_sha256 = any(array(
        select url_sha256 from proxies where alias = any(array(select alias from some_aliases)) limit ${size}
      ))
      order by url_sha256
      for update
    ),
    -- An alias is removed once it has no proxies left.
    gone_alias as materialized (
      select alias
      from some_aliases
      where (select count(*) from some_proxies) < ${size}
    ),
    last as materialized (
      select hash, identifier, motion_identifier
      from target
      where (select count(*) from gone_alias) = (select count(*) from some_aliases)
        and (select count(*) from some_aliases) < ${size}
        and (select count(*) from some_variants) < ${size}
        and (select count(*) from some_claims) < ${size}
    ),
    removed as materialized (
      select identifier
      from (
        select identifier from some_variants
        union
        select identifier from last
        union
        select motion_identifier from last where motion_identifier is not null
      ) as owned
      where not ${isShared(sql, sql`owned.identifier`)}
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from removed order by identifier))
    ),
    gone_proxies as (
      delete from proxies
      where url_sha256 = any(array(select url_sha256 from some_proxies))
    ),
    gone_alias_accesses as (
      delete from alias_accesses
      where alias = any(array(select alias from gone_alias))
    ),
    gone_aliases as (
      delete from aliases
      where alias = any(array(select alias from gone_alias))
    ),
    gone_variant_accesses as (
      delete from variant_accesses
      where hash = any(array(select hash from target))
        and variant = any(array(select variant from some_variants))
    ),
    gone_variants as (
      delete from variants
      where hash = any(array(select hash from target))
        and variant = any(array(select variant from some_variants))
    ),
    gone_claims as (
      delete from variant_claims
      where hash = any(array(select hash from target))
        and variant = any(array(select variant from some_claims))
    ),
    gone_hash as (
      delete from hashes
      where hash = any(array(select hash from last))
    )
    ${enqueued(sql, insertJobs)}
    select (select count(*) from removed)::integer as files, exists (select from last) as is_gone
    from target`;
}
