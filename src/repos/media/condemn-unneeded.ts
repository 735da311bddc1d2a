import type { Fragment, Sql } from '../../database/database.js';
import { isUsed } from '../file-owner.js';
import { enqueued } from '../hashes/removal-parts.js';
import type { RemovalOptions } from './removal.js';

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
    ${condemnedFiles(sql, sql`select identifier from unowned`)},
    removed as (
      select identifier from condemned_new
      union all
      select identifier from condemned_again
    ),
    unneeded as (
      select identifier from condemned_before
      union all
      select identifier from condemned_new
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from unneeded order by identifier))
    )
    ${enqueued(sql, options.insertJobs)}`;
}

/**
 * The CTEs that condemn files: `condemned_new` has those that were free, and `condemned_before` (identifier,
 * deleted_at) those that were condemned already. If a client has said that such a file is deleted, it has been uploaded
 * again since. It is then in `condemned_again` too, as it must be deleted once more.
 *
 * @param identifiers a query of files that nobody owns
 */
export function condemnedFiles(sql: Sql, identifiers: Fragment): Fragment {
  return sql`
    condemned_before as materialized (
      select identifier, deleted_at
      from files
      where identifier = any(array(${identifiers}))
        and condemned_at is not null
      order by identifier
      for update
    ),
    condemned_again as (
      update files
      set condemned_at = clock_timestamp(), deleted_at = null
      where identifier = any(array(select identifier from condemned_before where deleted_at is not null))
      returning identifier
    ),
    -- A file whose name was freed while the lock was waited for is condemned like a new one.
    condemned_new as (
      insert into files (identifier, condemned_at)
      select identifier, clock_timestamp()
      from (${identifiers}) as unowned
      where identifier not in (select identifier from condemned_before)
        and (select condemned_at is null from files where files.identifier = unowned.identifier) is not true
      order by identifier collate "C"
      returning identifier
    )`;
}
