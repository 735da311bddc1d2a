import type { Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { isShared } from '../file-owner.js';
import { enqueued, goneDetails } from '../hashes/removal-parts.js';
import { EXPIRES, type Expiry, lastUse, times } from './expiry.js';
import type { PassRow } from './release.js';
import type { RemovalOptions } from './removal.js';

/**
 * Removes variants by their last access. Locks hashes, variants and accesses in this order, each table in the order of
 * its key.
 */
export function expireVariantsStatement(sql: Sql, expiry: Expiry, options: RemovalOptions) {
  const { limit } = expiry;
  const gone = sql`,
    ${goneDetails(sql)},
    gone_accesses as (
      delete from variant_accesses
      where hash = any(array(select hash from doomed_variants))
        and variant = any(array(select variant from doomed_variants))
        and (hash, variant) in (select hash, variant from doomed_variants)
    ),
    gone_variants as (
      delete from variants
      where hash = any(array(select hash from doomed_variants))
        and variant = any(array(select variant from doomed_variants))
        and (hash, variant) in (select hash, variant from doomed_variants)
    )
    ${enqueued(sql, options.insertJobs)}`;
  return sql<PassRow[]>`
    with ${times(sql, expiry, 'variants', sql`hash, variant`)},
    parent as materialized (
      select hash
      from hashes
      where hash = any(array(select hash from looked_at))
        and doomed_at is null
      order by hash
      for key share
    ),
    live as materialized (
      select found.*
      from (
        select hash, variant
        from looked_at
        where hash in (select hash from parent)
        order by hash, variant
      ) as sought
      cross join lateral (
        select hash, variant, identifier, idle_since
        from variants
        where variants.hash = sought.hash
          and variants.variant = sought.variant
        for update
      ) as found
    ),
    access as materialized (
      select found.*
      from (select hash, variant from live order by hash, variant) as sought
      cross join lateral (
        select hash, variant, accessed
        from variant_accesses
        where variant_accesses.hash = sought.hash
          and variant_accesses.variant = sought.variant
        for update
      ) as found
    ),
    judged as materialized (
      select live.hash, live.variant, identifier, idle_since, ${lastUse(sql, sql`idle_since`, sql`accessed`)} as used
      from live
      left join access on access.hash = live.hash and access.variant = live.variant
    ),
    expired as materialized (
      select hash, variant, identifier, row_number() over (order by used, hash, variant) as n
      from judged
      where ${EXPIRES(sql)}
    ),
    doomed_variants as materialized (
      select hash, variant, identifier
      from expired
      where n <= ${limit}
    ),
    removed as materialized (
      select identifier
      from doomed_variants
      where not ${isShared(sql, sql`doomed_variants.identifier`)}
    ),
    used_later as materialized (
      select hash, variant, used
      from judged
      where idle_since < used
        and (hash, variant) not in (select hash, variant from doomed_variants)
    ),
    moved as (
      update variants
      set idle_since = used
      from used_later
      where variants.hash = any(array(select hash from used_later))
        and variants.variant = any(array(select variant from used_later))
        and variants.hash = used_later.hash
        and variants.variant = used_later.variant
    )
    ${options.isDry ? NOTHING(sql) : gone}
    select
      json_build_object(
        'aliases', '{}'::text[],
        'hashes', '{}'::text[],
        'variants', coalesce(
          (
            select json_agg(json_build_object('hash', encode(hash, 'hex'), 'variant', variant) order by hash, variant)
            from doomed_variants
          ),
          '[]'
        ),
        'identifiers', coalesce((select json_agg(identifier order by identifier) from removed), '[]')
      ) as removed,
      '[]'::json as unsure,
      '[]'::json as removing,
      false as is_stale,
      (select is_full from seen) or (select count(*) from expired) > ${limit} as more`;
}
