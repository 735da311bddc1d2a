import type { Sql } from '../../database/database.js';
import type { InsertJobs } from '../enqueue.js';
import { isUsed, ownersOf } from '../file-owner.js';
import { enqueued } from '../hashes/removal-parts.js';
import { utcText } from '../time-text.js';

/**
 * Condemns files without an owner, deletes their details, and returns the files. A file that is condemned already is
 * returned too, and its time starts again, because the caller is about to delete it.
 */
export function condemnStatement(
  sql: Sql,
  identifiers: string[],
  olderThan: string,
  insertJobs: InsertJobs = undefined,
) {
  return sql<{ identifier: string }[]>`
    with asked as materialized (
      select distinct unnest(${identifiers}::text[]) as identifier
    ),
    young as materialized (
      select identifier
      from details
      where identifier = any(array(select identifier from asked))
        and created_at >= least(${olderThan}::text::timestamptz, clock_timestamp() - interval '1 hour')
    ),
    removed as (
      insert into files as known (identifier, condemned_at)
      select identifier, clock_timestamp()
      from asked
      where not ${isUsed(sql, sql`asked.identifier`)}
        and identifier not in (select identifier from young)
        -- The copies of a running move to another store have no owner yet. Those that had one are condemned.
        and (
          (select true from store_migrations where new_identifier = asked.identifier limit 1) is null
          or (select condemned_at is not null from files where files.identifier = asked.identifier)
        )
      order by identifier collate "C"
      on conflict (identifier) do update
        set condemned_at = excluded.condemned_at, deleted_at = null
        where known.condemned_at is not null
      returning identifier
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from removed order by identifier))
    )
    ${enqueued(sql, insertJobs)}
    select identifier
    from removed
    order by identifier`;
}

interface DeletedRow {
  /** A file that has an owner. Nothing was changed then. */
  owned: { identifier: string; hash: string; variant: string } | null;
  freed_at: string | null;
}

/** Records that files were deleted from the store. */
export function deletedStatement(sql: Sql, identifiers: string[], graceSeconds: number) {
  return sql<DeletedRow[]>`
    with asked as materialized (
      select distinct unnest(${identifiers}::text[]) as identifier
    ),
    owned as materialized (
      select asked.identifier, encode(hash, 'hex') as hash, variant
      from asked
      cross join lateral (${ownersOf(sql, sql`asked.identifier`)}) as owner
      limit 1
    ),
    condemned as materialized (
      select identifier
      from files
      where identifier = any(array(select identifier from asked))
        and condemned_at is not null
        and not exists (select from owned)
      order by identifier
      for update
    ),
    marked as (
      update files
      set deleted_at = coalesce(deleted_at, clock_timestamp())
      where identifier = any(array(select identifier from condemned))
      returning deleted_at
    ),
    freed as (
      select max(deleted_at) + make_interval(secs => ${graceSeconds}) as freed_at
      from marked
    )
    select (select row_to_json(owned) from owned) as owned, ${utcText(sql, 'freed_at')}
    from freed`;
}

/**
 * Frees the names of condemned files: some time after a client reported the deletion, or much later without a report.
 */
export async function freeNames(
  sql: Sql,
  { graceSeconds, retentionDays }: { graceSeconds: number; retentionDays: number },
  limit: number,
): Promise<{ freed: number }[]> {
  return await sql<{ freed: number }[]>`
    with reported as materialized (
      select identifier
      from files
      where deleted_at < clock_timestamp() - make_interval(secs => ${graceSeconds})
      order by deleted_at
      limit ${limit}
      for update skip locked
    ),
    unreported as materialized (
      select identifier
      from files
      where condemned_at < clock_timestamp() - make_interval(days => ${retentionDays})
        and deleted_at is null
      order by condemned_at
      limit ${limit}
      for update skip locked
    ),
    freed as (
      delete from files
      where identifier = any(array(select identifier from reported union select identifier from unreported))
      returning identifier
    )
    select count(*)::integer as freed from freed`;
}
