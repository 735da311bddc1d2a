import type { Sql } from '../../database/database.js';
import { isLive } from '../doomed.js';
import { isShared } from '../file-owner.js';

/** Removes a variant with its access record and the details of its file. */
export function removeVariantStatement(sql: Sql, hash: Buffer, variant: string) {
  return sql<{ identifier: string }[]>`
    with target as materialized (
      select hash, variant, identifier
      from variants
      where hash = ${hash}
        and variant = ${variant}
        and ${isLive(sql, sql`variants.hash`)}
      for update
    ),
    removed as (
      select identifier
      from target
      where not ${isShared(sql, sql`target.identifier`)}
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from removed))
    ),
    gone_access as (
      delete from variant_accesses
      where (hash, variant) in (select hash, variant from target)
    ),
    gone_variant as (
      delete from variants
      where (hash, variant) in (select hash, variant from target)
    )
    select identifier
    from removed`;
}
