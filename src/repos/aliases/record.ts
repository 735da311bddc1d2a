import type { Fragment, Sql } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { createdAt } from '../hash-record.js';
import { utcText } from '../time-text.js';

const OWN_MEMBERS = constant(
  (sql) => sql`
    alias,
    encode(aliases.hash, 'hex') as hash,
    owner,
    ${utcText(sql, 'expires_at')},
    ${createdAt(sql)}`,
);
const IDENTIFIER = constant(
  (sql) => sql`, (select identifier from hashes where hashes.hash = aliases.hash) as identifier`,
);

/**
 * An expression that needs a row of `aliases` in scope: its record as JSON text, without the token. Only an expired
 * alias has the member `expired`.
 */
export function aliasRecord(sql: Sql, withIdentifier = false): Fragment {
  return sql`(
    select
      case
        when expires_at <= clock_timestamp() then left(record, -1) || ',"expired":true}'
        else record
      end
    from (
      select row_to_json(shown)::text as record
      from (select ${OWN_MEMBERS(sql)} ${withIdentifier ? IDENTIFIER(sql) : sql``}) as shown
    ) as made
  )`;
}
