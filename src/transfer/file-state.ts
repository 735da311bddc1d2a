import type { Fragment, Sql } from '../database/database.js';

/**
 * An expression: why a file cannot be used, because it is condemned or has another owner; null if it can be used.
 *
 * @param identifier an expression of `item`
 */
export function whyNotUsable(sql: Sql, identifier: Fragment): Fragment {
  return sql`
    (
      select case when condemned_at is null then 'identifier_used' else 'identifier_condemned' end
      from files
      where files.identifier = ${identifier}
    )`;
}
