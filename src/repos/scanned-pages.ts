import type { Database, Fragment, Sql } from '../database/database.js';
import { currentRequesters, runFor } from '../requester.js';
import type { ReadPage } from './keyset.js';

/** The rows that a statement found among those that it read. */
export interface ScannedRow {
  /** Newline-terminated JSON objects. */
  lines: string | null;
  count: number;
  /** The place after which the next statement continues; null at the end. */
  last: string | null;
}

/** How many rows a statement reads. */
export const LOOKED_AT = 5000;
/** After this time a page ends with what it has. */
const MAX_PAGE_MS = 1000;

/**
 * Makes pages of rows that are rare in a table. Each statement reads LOOKED_AT rows at most, so it is short. Statements
 * are repeated until the page is full, the table ends or the time is over.
 *
 * @param scan finds at most `size` rows after the place `after`
 */
export function scannedPages(
  db: Database,
  scan: (sql: Sql, after: string, size: number) => PromiseLike<readonly ScannedRow[]>,
  maxPageMs: number = MAX_PAGE_MS,
): ReadPage {
  return async (after = '', size, signal) => {
    const page = { lines: '', count: 0, last: after };
    const until = performance.now() + maxPageMs;
    let isPartial = false;
    const requesters = currentRequesters();
    while (page.count < size && !isPartial) {
      const [row] = await runFor(requesters, () =>
        db.run((sql) => scan(sql, page.last, size - page.count), { class: 'bulk', signal }),
      );
      if (!row || row.last === null) break;
      page.lines += row.lines ?? '';
      page.count += row.count;
      page.last = row.last;
      isPartial = page.count < size && performance.now() > until;
    }
    const { lines, count, last } = page;
    return {
      lines: Buffer.from(lines),
      count,
      last: count === 0 && !isPartial ? undefined : last,
      ...(isPartial && { isPartial }),
    };
  };
}

/**
 * Selects the ScannedRow. The caller's CTE `looked_at` has the rows that were read, and `found` the identifiers that
 * are wanted.
 */
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
