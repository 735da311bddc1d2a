import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { isUsed, ownersOf } from '../file-owner.js';
import { jobsForFiles } from '../hashes/removal-parts.js';
import { utcText } from '../keyset.js';

/**
 * Condemns files that nobody owns, with their details, and returns them. One that is condemned already is returned
 * again, and stays so for another while: whoever asks is about to delete it.
 *
 * @param enqueue makes the insert of jobs from a query of them; undefined where no job is wanted
 */
export function condemnStatement(
  sql: Sql,
  identifiers: string[],
  olderThan: string,
  enqueue?: (jobs: Fragment) => Fragment,
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
        -- What a move to another store copies there has no owner until it is done.
        and (select true from store_migrations where new_identifier = asked.identifier limit 1) is null
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
    ${enqueue ? sql`, enqueued as (${enqueue(jobsForFiles(sql))})` : NOTHING(sql)}
    select identifier
    from removed
    order by identifier`;
}

interface DeletedRow {
  /** One that somebody owns. Nothing was changed then. */
  owned: { identifier: string; hash: string; variant: string } | null;
  freed_at: string | null;
}

/** Notes that files are gone from the store. */
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

/** The names that are free again: whoever deleted the file said so long enough ago, or nobody ever did. */
export async function freeNames(
  sql: Sql,
  { graceSeconds, retentionDays }: { graceSeconds: number; retentionDays: number },
  limit: number,
): Promise<{ freed: number }[]> {
  return await sql<{ freed: number }[]>`
    with said as materialized (
      select identifier
      from files
      where deleted_at < clock_timestamp() - make_interval(secs => ${graceSeconds})
      order by deleted_at
      limit ${limit}
      for update skip locked
    ),
    unsaid as materialized (
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
      where identifier = any(array(select identifier from said union select identifier from unsaid))
      returning identifier
    )
    select count(*)::integer as freed from freed`;
}
