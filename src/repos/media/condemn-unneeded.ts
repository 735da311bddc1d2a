import type { Fragment, Sql } from '../../database/database.js';
import { isUsed } from '../file-owner.js';
import { enqueued, type RemovalOptions } from './removal.js';

/**
 * The CTEs that condemn files which no content needs, with their details. The caller's CTE `unwanted` (identifier) has
 * the files that were refused or replaced. `unneeded` has those of them that may be deleted: nobody owns them, and no
 * move to another store has made them. `removed` has those that this statement condemns; a job is pushed for each.
 */
export function condemnedUnneeded(sql: Sql, options: RemovalOptions): Fragment {
  return sql`
    unowned as materialized (
      select identifier
      from unwanted
      where not ${isUsed(sql, sql`unwanted.identifier`)}
        and (select true from store_migrations where old_identifier = unwanted.identifier) is null
        and (select true from store_migrations where new_identifier = unwanted.identifier limit 1) is null
    ),
    condemned_before as materialized (
      select identifier
      from files
      where identifier = any(array(select identifier from unowned))
        and condemned_at is not null
      order by identifier
      for update
    ),
    removed as (
      insert into files (identifier, condemned_at)
      select identifier, clock_timestamp()
      from unowned
      where (select true from files where files.identifier = unowned.identifier) is null
      order by identifier collate "C"
      returning identifier
    ),
    unneeded as (
      select identifier from condemned_before
      union all
      select identifier from removed
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from unneeded order by identifier))
    )
    ${enqueued(sql, options)}`;
}
