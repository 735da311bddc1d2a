import type { Sql } from '../../database/database.js';
import { EXPIRES, type Expiry, lastUse, times } from './expiry.js';
import { lockedContents, orphanedContents, type PassRow } from './release.js';
import { type RemovalOptions, removal, removalRow } from './removal.js';

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
