import type { Fragment, Sql } from '../../../database/database.js';

/**
 * The CTEs that choose from `page (at, stored)` what fits in an answer: `fitting (at)`. Before them the statement has
 * the CTE `page`, with the columns of `order` too.
 *
 * The size of a page is known before any text is fetched. It is first estimated from the stored sizes, without reading
 * the values (`likely`), then measured on the few that may fit (`fitting`), because compressed values are larger than
 * their stored size. All parts see one snapshot, in which a row keeps its ctid.
 *
 * @param order by columns of both the page and the table
 * @param columns those of the order
 */
export function fittingOf(
  sql: Sql,
  table: 'jobs' | 'dead_jobs',
  order: Fragment,
  limit: number,
  maxBytes: number,
  columns = order,
) {
  return sql`
    likely as materialized (
      select at
      from (
        select at, row_number() over in_order as place, sum(stored) over in_order as size
        from page
        window in_order as (order by ${order} rows unbounded preceding)
      ) as stored
      where place <= ${limit}
        and (place = 1 or size <= ${maxBytes})
    ),
    fitting as materialized (
      select at
      from (
        select at, row_number() over in_order as place, sum(bytes) over in_order as size
        from (
          select ctid as at, ${columns}, octet_length(job::text) + coalesce(octet_length(last_error), 0) as bytes
          from ${sql(table)}
          where ctid = any(array(select at from likely))
        ) as text
        window in_order as (order by ${order} rows unbounded preceding)
      ) as measured
      where place = 1
        or size <= ${maxBytes}
    )`;
}

/** The stored size of a job, without reading its texts. */
export function storedSize(sql: Sql): Fragment {
  return sql`pg_column_size(job) + coalesce(octet_length(last_error), 0)`;
}

/** How many bytes of jobs, as they are stored, a statement reads to search in them. Compressed texts are longer. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

/**
 * The CTE `looked`: those of the first rows whose jobs one statement can read. `place` counts them, and `scanned` is the
 * number of rows that there were.
 *
 * @param rows have these columns, those of `order`, and `job`
 */
export function readableOf(sql: Sql, rows: Fragment, columns: Fragment, order: Fragment): Fragment {
  return sql`
    looked as materialized (
      select ${columns}, place, scanned
      from (
        select
          ${columns}, row_number() over in_order as place, sum(pg_column_size(job)) over in_order as size,
          count(*) over () as scanned
        from (${rows}) as scanned
        window in_order as (order by ${order} rows unbounded preceding)
      ) as sized
      where place = 1
        or size <= ${MAX_READ_BYTES}
    )`;
}
