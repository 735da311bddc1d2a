import type { Database, Fragment, Sql } from '../database/database.js';
import type { ListKind } from './cursor.js';
import {
  DEFAULT_LIMIT,
  type FoundPage,
  foundPage,
  type PageRange,
  pageText,
  rangeSql,
  readRange,
} from './page-range.js';
import { MAX_ANSWER_BYTES } from './read-several.js';

/** A list of the rows of a table that has an index on `created_at` and its key. */
interface List {
  kind: ListKind;
  /** A condition on the rows. */
  where: (sql: Sql) => Fragment;
  /** Identifies the condition in cursors (filtersDigest), if it depends on the request. */
  filters?: string;
  /** An expression: the JSON text of a row. */
  record: (sql: Sql) => Fragment;
}

const TABLES = { hash: 'hashes', alias: 'aliases' } as const;

/**
 * A page of a list with the newest first. A recursive CTE reads one record after the other by an index, until there are
 * enough of them or they exceed MAX_ANSWER_BYTES. So every page costs as much as the first, and nothing is read that is
 * not sent.
 *
 * @returns JSON: the records under `name`, and the cursors `next` and `previous` if there are such pages
 */
export async function newestFirst(
  db: Database,
  name: string,
  { kind, where, filters, record }: List,
  { limit = DEFAULT_LIMIT, signal, ...asked }: PageRange,
): Promise<string> {
  const range = readRange(kind, asked, filters);
  const [row] = await db.run(
    (sql) => {
      const key = sql(kind);
      const { operator, order, start, untilEnd } = rangeSql(sql, range);
      const step = (beyond: Fragment) => sql`
        select created_at, ${key}, ${record(sql)} as record
        from ${sql(TABLES[kind])}
        where ${where(sql)}
          and (created_at, ${key}) ${beyond}
          ${untilEnd}
        order by created_at ${order}, ${key} ${order}
        limit 1`;
      return sql<FoundPage[]>`
        with recursive page as (
          select created_at, ${key}, record, 1 as place, octet_length(record) as size
          from (${step(start)}) as nearest
          union all
          select next.created_at, next.${key}, next.record, page.place + 1, page.size + octet_length(next.record)
          from page
          cross join lateral (${step(sql`${operator} (page.created_at, page.${key})`)}) as next
          where page.place <= ${limit}
            and page.size <= ${MAX_ANSWER_BYTES}
        )
        ${foundPage(sql, range, limit)}`;
    },
    { class: 'bulk', signal },
  );
  return pageText(name, range, row);
}
