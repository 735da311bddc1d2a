import type { Database, Fragment, Sql } from '../database/database.js';
import type { ReadPage } from './keyset.js';

/** What a statement found among the rows that it looked at. */
export interface ScannedRow {
  /** Newline-terminated JSON objects. */
  lines: string | null;
  count: number;
  /** Where the next statement goes on; null at the end. */
  last: string | null;
}

/** How many rows a statement looks at. */
export const LOOKED_AT = 5000;

/**
 * Pages of rows that are few among many. Each statement looks at LOOKED_AT rows at most, so that none takes long, and a
 * page is full or the last one.
 *
 * @param scan finds at most `size` rows that follow `after`
 */
export function scannedPages(
  db: Database,
  scan: (sql: Sql, after: string, size: number) => PromiseLike<readonly ScannedRow[]>,
): ReadPage {
  return async (after = '', size, signal) => {
    const page = { lines: '', count: 0, last: after };
    while (page.count < size) {
      const [row] = await db.run((sql) => scan(sql, page.last, size - page.count), { class: 'bulk', signal });
      if (!row || row.last === null) break;
      page.lines += row.lines ?? '';
      page.count += row.count;
      page.last = row.last;
    }
    const { lines, count, last } = page;
    return { lines: Buffer.from(lines), count, last: count === 0 ? undefined : last };
  };
}

/** The row of a statement whose CTEs are `looked_at`, and the identifiers `found` among these. */
export function scanned(sql: Sql, size: number): Fragment {
  return sql`
    select
      string_agg(row_to_json(found)::text || E'\\n', '' order by identifier) as lines,
      count(*)::integer as count,
      case
        when count(*) = ${size} then max(identifier)
        else (select max(identifier) from looked_at)
      end as last
    from found`;
}
