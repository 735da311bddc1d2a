import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { isShared } from '../file-owner.js';
import { goneDetails } from '../hashes/removal-parts.js';
import { lockedContents, orphanedContents, type PassRow, type Selection } from './release.js';
import { enqueued, type RemovalOptions, removal, removalRow } from './removal.js';

/**
 * Removal of what was not used for some time. A pass reads rows in the order of `idle_since`
 * (migrations/00010-idle-since.js), which may be earlier than the last use, and compares them with the access tables.
 * Rows that were used later get that time as their new `idle_since`. The others are removed, but only those last used
 * before all rows that the pass did not read: so the oldest are removed first.
 */

/** How many rows a pass reads beyond the number that it may remove. */
const EXTRA_ROWS = 400;

export interface Expiry {
  /** An expression: what was last used before this time expires. */
  before: Fragment;
  limit: number;
}

/**
 * The CTEs of the two times of a pass: `before`, the time limit of the request, and `horizon`, before which the pass
 * has read all rows.
 */
function times(
  sql: Sql,
  { before, limit }: Expiry,
  table: 'variants' | 'proxies',
  columns: Fragment,
): Fragment {
  const size = limit + EXTRA_ROWS;
  return sql`
    threshold as materialized (
      select ${before} as before
    ),
    looked_at as materialized (
      select ${columns}, idle_since
      from ${sql(table)}
      where idle_since < (select before from threshold)
      order by idle_since
      limit ${size}
    ),
    seen as materialized (
      select
        count(*) = ${size} as is_full,
        case when count(*) = ${size} then max(idle_since) else 'infinity' end as horizon
      from looked_at
    )`;
}

/** An expression: the time of the last use. If no access is known, it is the time from which the row counts as idle. */
function lastUse(sql: Sql, idleSince: Fragment, accessed: Fragment): Fragment {
  return sql`
    coalesce(
      nullif(greatest(${idleSince}, coalesce(${accessed}, '-infinity')), '-infinity'),
      clock_timestamp()
    )`;
}

const EXPIRES = (sql: Sql): Fragment => sql`
  used < (select before from threshold)
  and used <= (select horizon from seen)`;

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
    ${enqueued(sql, options)}`;
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

/** Releases aliases of proxied URLs by their last access, in the same way as media.releaseAlias. */
export function expireProxiedStatement(sql: Sql, expiry: Expiry, options: RemovalOptions) {
  const { limit } = expiry;
  return sql<PassRow[]>`
    with ${times(sql, expiry, 'proxies', sql`alias`)},
    ${lockedContents(sql, sql`select hash from aliases where alias = any(array(select alias from looked_at))`)},
    live as materialized (
      select alias, hash
      from aliases
      where alias = any(array(select alias from looked_at))
        and hash = any(array(select hash from target))
      order by alias
      for update
    ),
    related as materialized (
      select url_sha256, alias, idle_since
      from proxies
      where alias = any(array(select alias from live))
      order by url_sha256
      for update
    ),
    access as materialized (
      select alias, accessed
      from alias_accesses
      where alias = any(array(select alias from live))
      order by alias
      for update
    ),
    judged as materialized (
      select live.alias, live.hash, ${lastUse(sql, sql`max(idle_since)`, sql`max(accessed)`)} as used
      from live
      join related on related.alias = live.alias
      left join access on access.alias = live.alias
      group by live.alias, live.hash
    ),
    expired as materialized (
      select alias, hash, row_number() over (order by used, alias) as n
      from judged
      where ${EXPIRES(sql)}
    ),
    chosen as materialized (
      select alias, hash
      from expired
      where n <= ${limit}
    ),
    used_later as materialized (
      select url_sha256, used
      from related
      join judged on judged.alias = related.alias
      where idle_since < used
        and related.alias not in (select alias from chosen)
    ),
    moved as (
      update proxies
      set idle_since = used
      from used_later
      where proxies.url_sha256 = any(array(select url_sha256 from used_later))
        and proxies.url_sha256 = used_later.url_sha256
    ),
    ${orphanedContents(sql)},
    ${removal(sql, options)}
    select
      ${removalRow(sql)},
      (select is_full from seen)
        or (select count(*) from expired) > ${limit}
        or exists (select from left_for_later) as more`;
}

/** Selects expired aliases, those that expired first at the front. */
export function expiredAliases(sql: Sql, olderThan: string): Selection {
  const condition = sql`expires_at < least(${olderThan}::text::timestamptz, statement_timestamp())`;
  return {
    candidates: sql`
      select alias, hash
      from aliases
      where ${condition}
      order by expires_at, alias`,
    condition,
  };
}
