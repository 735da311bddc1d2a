import type { Sql } from '../../database/database.js';

/** Ended claims are kept this long, so that waiting requests learn the result. */
export const KEPT_AFTER_END = '10 minutes';

/** Expired claims are kept this long, so that their worker can still finish. */
export const KEPT_AFTER_LEASE = '1 day';

/** Removes claims that nobody needs any more. */
export function forgetStatement(sql: Sql, limit: number) {
  return sql<{ forgotten: number }[]>`
    with forgotten as materialized (
      select hash, variant
      from variant_claims
      where forget_at < clock_timestamp()
      order by forget_at
      limit ${limit}
      for update skip locked
    ),
    gone as (
      delete from variant_claims
      where (hash, variant) in (select hash, variant from forgotten)
    )
    select count(*)::integer as forgotten
    from forgotten`;
}
