import type { Sql } from '../../database/database.js';

/** Counts the hashes, or estimates their number from the planner's statistics in constant time. */
export function sizeStatement(sql: Sql, estimate: boolean) {
  return estimate
    ? // Pages times rows per page: as last analyzed, or else as counted in the first 128 pages.
      sql<{ size: number }[]>`
        select
          case
            when pages = 0 then 0
            when reltuples >= 0 and relpages > 0 then round(reltuples::float8 / relpages * pages)
            else round(
              (select count(*) from hashes where ctid < '(128,0)'::tid)::float8 / least(pages, 128) * pages
            )
          end::bigint as size
        from (
          select
            reltuples,
            relpages,
            pg_relation_size(oid) / current_setting('block_size')::integer as pages
          from pg_class
          where oid = 'hashes'::regclass
        ) as statistics`
    : sql<{ size: number }[]>`
        select
          (select count(*) from hashes)
          - (select count(*) from hashes where doomed_at > '-infinity') as size`;
}
