import type { Fragment, Sql } from '../../database/database.js';
import type { Selection } from './release.js';

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
export function times(
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
export function lastUse(sql: Sql, idleSince: Fragment, accessed: Fragment): Fragment {
  return sql`
    coalesce(
      nullif(greatest(${idleSince}, coalesce(${accessed}, '-infinity')), '-infinity'),
      clock_timestamp()
    )`;
}

export const EXPIRES = (sql: Sql): Fragment => sql`
  used < (select before from threshold)
  and used <= (select horizon from seen)`;

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
