import type { Sql } from '../../database/database.js';
import { isLive } from '../doomed.js';
import { isShared } from '../file-owner.js';

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
