import type { Fragment, Sql } from '../../database/database.js';
import { isUsed } from '../file-owner.js';
import { enqueued, type RemovalOptions } from './removal.js';

/**
 * The CTEs that condemn the files `unwanted` (identifier), which were stored in vain, with their details. `unneeded` are those
 * that may be deleted now: nobody owns them, and no move to another store has made them. Of these `removed` are condemned
 * only now, and told to the queue.
 */
export function condemnedInVain(sql: Sql, options: RemovalOptions): Fragment {
  return sql`
    vain as materialized (
      select identifier
      from unwanted
      where not ${isUsed(sql, sql`unwanted.identifier`)}
        and (select true from store_migrations where old_identifier = unwanted.identifier) is null
        and (select true from store_migrations where new_identifier = unwanted.identifier limit 1) is null
    ),
    condemned_before as materialized (
      select identifier
      from files
      where identifier = any(array(select identifier from vain))
        and condemned_at is not null
      order by identifier
      for update
    ),
    removed as (
      insert into files (identifier, condemned_at)
      select identifier, clock_timestamp()
      from vain
      where (select true from files where files.identifier = vain.identifier) is null
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
