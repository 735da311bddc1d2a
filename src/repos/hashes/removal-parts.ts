import type { Fragment, Sql } from '../../database/database.js';
import { constant, NOTHING } from '../../database/driver/constant.js';
import type { InsertJobs } from '../enqueue.js';
import { isShared } from '../file-owner.js';

/**
 * A concurrent request may add rows that reference what is being removed. These foreign keys then fail the statement,
 * and the next run sees the rows.
 */
export const REMOVAL_CONFLICTS = [
  'aliases_hash_fkey',
  'variants_hash_fkey',
  'proxies_alias_fkey',
  'alias_accesses_alias_fkey',
  'variant_accesses_variant_fkey',
];

/** A query of the jobs for the files in the CTE `removed`. */
const jobsForFiles = constant(
  (sql: Sql) => sql`
    select json_build_object('Identifier', json_build_object('identifier', identifier)) as job
    from removed
    order by identifier`,
);

/** The CTE that pushes a job for each of the files in the CTE `removed`, with a comma before it. */
export function enqueued(sql: Sql, insertJobs: InsertJobs): Fragment {
  return insertJobs ? sql`, enqueued as (${insertJobs(jobsForFiles(sql))})` : NOTHING(sql);
}

/**
 * The CTEs that lock the variants and proxies of the contents `doomed` (hash, identifier, motion_identifier) and of the
 * aliases `released`, which the caller has locked. Their CTE `removed` has the files that may be deleted. It leaves out
 * a file that another content also uses, as only old data does.
 */
export const lockedChildren = constant(
  (sql) => sql`
    doomed_variants as materialized (
      select hash, variant, identifier
      from variants
      where hash = any(array(select hash from doomed))
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
        select identifier from doomed
        union
        select motion_identifier from doomed where motion_identifier is not null
        union
        select identifier from doomed_variants
      ) as owned
      where not ${isShared(sql, sql`owned.identifier`)}
    )`,
);

/** The CTEs that remove the details of the files `removed`. */
export const goneDetails = constant(
  (sql) => sql`
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
    )`,
);

/**
 * The CTEs that remove what `lockedChildren` has locked, the details of the files, the aliases and the contents. The
 * foreign key of variant claims deletes those.
 */
export const goneContents = constant(
  (sql) => sql`
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
      where hash = any(array(select hash from doomed))
    ),
    gone_variants as (
      delete from variants
      where hash = any(array(select hash from doomed))
    ),
    gone_hashes as (
      delete from hashes
      where hash = any(array(select hash from doomed))
    )`,
);
