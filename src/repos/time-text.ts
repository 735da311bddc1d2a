import type { Fragment, Sql } from '../database/database.js';

/** Times as text, in RFC 3339 in UTC with microseconds, whatever TimeZone and DateStyle of the session are. */

/**
 * Selects a timestamptz column as RFC 3339 in UTC with microseconds, under the name of the column. The time zone and
 * DateStyle of the session have no influence.
 */
export function utcText(sql: Sql, column: string) {
  const name = column.replace(/^.*\./, '');
  return sql`${utcTextOf(sql, sql`${sql(column)}`)} as ${sql(name)}`;
}

/** Like utcText, for an expression and without a name. */
export function utcTextOf(sql: Sql, expression: Fragment): Fragment {
  return sql`to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/**
 * A timestamptz as JSON text, for statements that return many times: PostgreSQL needs a quarter of the time that
 * utcText takes. The offset is an interval, because the name of a zone would be looked up for each row. No setting of
 * the session has any influence. The service turns it into the same text with `utcOfJson`.
 */
export function jsonTime(sql: Sql, column: Fragment): Fragment {
  return sql`to_json(${column} at time zone interval '0')::text`;
}

/** `2026-11-22T13:14:56.780000Z` for what `jsonTime` returns, which has quotes and ends with the last digit that is not 0. */
export function utcOfJson(text: string): string {
  const time = text.slice(1, -1);
  if (time.length === 26) return `${time}Z`;
  return `${(time.includes('.') ? time : `${time}.`).padEnd(26, '0')}Z`;
}
