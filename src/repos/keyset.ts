import type { Sql } from '../database/database.js';
import type { Page } from '../http/keyset-stream.js';
import { toUtc } from '../timestamp.js';

/** What a statement that reads one page returns: one row, the lines made by PostgreSQL. */
export interface PageRow {
  lines: string | null;
  count: number;
  last: string | null;
}

export function toPage([row]: PageRow[]): Page {
  return { lines: row?.lines ?? '', count: row?.count ?? 0, last: row?.last ?? undefined };
}

/** A column of type timestamptz as RFC 3339 in UTC with microseconds, whatever the session is set to; under its name. */
export function utcText(sql: Sql, column: string) {
  const name = column.replace(/^.*\./, '');
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${sql(name)}`;
}

/** Splits `<accessed>,<rest>` at the first comma; undefined where it is no such key. */
export function splitAccessKey(key: string): { accessed: string; rest: string } | undefined {
  const comma = key.indexOf(',');
  const accessed = toUtc(key.slice(0, Math.max(comma, 0)));
  const rest = key.slice(comma + 1);
  return accessed === undefined || rest === '' ? undefined : { accessed, rest };
}

/** Splits `<accessed>,<hash>,<variant>` at the first two commas; undefined where it is no such key. */
export function splitVariantKey(
  key: string,
): { accessed: string; hash: string; variant: string } | undefined {
  const { accessed, rest } = splitAccessKey(key) ?? {};
  const [, hash, variant] = /^((?:[0-9a-f]{2}){1,64}),(.+)$/is.exec(rest ?? '') ?? [];
  return accessed === undefined || hash === undefined || variant === undefined
    ? undefined
    : { accessed, hash, variant };
}
