import type { Sql } from '../../database/database.js';
import { isLiveRow } from '../doomed.js';
import { LOOKED_AT, type ScannedRow, scanned } from '../scanned-pages.js';

/**
 * Finds files of contents that have no mark. It reads the contents themselves, because `files` may lack old files
 * (../files/backfill.ts).
 */
export function unmigratedStatement(sql: Sql, after: string, size: number) {
  return sql<ScannedRow[]>`
    with looked_at as materialized (
      select identifier, hash
      from (
        (
          select identifier, hash
          from hashes
          where identifier > ${after}
          order by identifier
          limit ${LOOKED_AT}
        )
        union all
        (
          select motion_identifier, hash
          from hashes
          where motion_identifier > ${after}
          order by motion_identifier
          limit ${LOOKED_AT}
        )
        union all
        (
          select identifier, hash
          from variants
          where identifier > ${after}
          order by identifier
          limit ${LOOKED_AT}
        )
      ) as owned
      order by identifier
      limit ${LOOKED_AT}
    ),
    found as materialized (
      select distinct identifier
      from looked_at
      where (select true from store_migrations where old_identifier = identifier) is null
        and (select true from store_migrations where new_identifier = identifier limit 1) is null
        and ${isLiveRow(sql)}
      order by identifier
      limit ${size}
    )
    ${scanned(sql, size)}`;
}
