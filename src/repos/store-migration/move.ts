import type { Sql } from '../../database/database.js';
import { isLive } from '../doomed.js';
import { FILE_CONFLICTS, isShared, isUsed, ownersOf, whyNotFree } from '../file-owner.js';
import { enqueued } from '../hashes/removal-parts.js';
import { REPLACEMENT_CONFLICTS } from '../hashes/replacement.js';
import { condemnedFiles } from '../media/condemn-unneeded.js';
import type { RemovalOptions } from '../media/removal.js';

/**
 * The outcome of a move:
 * - `moved`: the content has the new file.
 * - `repeated`: an earlier move has already given it the new file.
 * - `gone`: the content was removed, or got another file, while the file was copied.
 * - `moved_before`: the file was moved to another identifier before.
 * - `taken`, `condemned`: the new identifier has another owner, or is condemned.
 * - `shared`: several contents use the file, as only old data does.
 * - `doomed`: the content is being removed.
 * - `unowned`: the file has neither an owner nor a mark.
 * - null: the owner changed while the statement waited for its lock. Run the statement again.
 */
export interface MoveRow {
  outcome:
    | 'moved'
    | 'repeated'
    | 'gone'
    | 'moved_before'
    | 'taken'
    | 'condemned'
    | 'shared'
    | 'doomed'
    | 'unowned'
    | null;
  /** The old file, if it may be deleted. */
  removed: string[];
  /** The new file, if it is not needed. */
  unneeded: string[];
  /** How many of these files this statement condemned. */
  condemned: number;
  /** The identifier to which the file was moved before. */
  known: string | null;
  /** The owner of the new file, or one of the owners of a shared file. */
  holder: { hash: string; variant: string } | null;
}

/** Another transaction has just given one of the files to an owner, or condemned it. The next run sees it. */
export const MOVE_CONFLICTS = [...FILE_CONFLICTS, ...REPLACEMENT_CONFLICTS, 'variants_identifier_key'];

/**
 * Gives the owner of a file its copy in another store, with the details, and marks the file as moved. It locks the
 * content, so that a concurrent removal or replacement happens before or after it. A trigger condemns the old file.
 */
export function moveStatement(sql: Sql, from: string, to: string, options: RemovalOptions) {
  return sql<MoveRow[]>`
    with asked as materialized (
      select ${from}::text as old, ${to}::text as identifier
    ),
    mark as materialized (
      select new_identifier
      from store_migrations
      where old_identifier = ${from}
    ),
    owner as materialized (
      select kind, hash, variant, ${isLive(sql, sql`owner.hash`)} as is_live
      from (${ownersOf(sql, sql`${from}::text`)}) as owner
      limit 2
    ),
    only_owner as (
      select kind, hash, variant
      from owner
      where (select count(*) from owner) = 1
    ),
    locked_hash as materialized (
      select hash
      from hashes
      where hash = any(array(select hash from only_owner where kind <> 'variant'))
        and ${from}::text in (identifier, motion_identifier)
        and doomed_at is null
      for update
    ),
    locked_parent as materialized (
      select hash
      from hashes
      where hash = any(array(select hash from only_owner where kind = 'variant'))
        and doomed_at is null
      for key share
    ),
    locked_variant as materialized (
      select hash, variant
      from variants
      where hash = any(array(select hash from locked_parent))
        and variant = any(array(select variant from only_owner))
        and identifier = ${from}
      for update
    ),
    new_owner as materialized (
      select hash, variant, ${isLive(sql, sql`owner.hash`)} as is_live
      from asked
      cross join lateral (${ownersOf(sql, sql`asked.identifier`)}) as owner
      limit 1
    ),
    obstacle as materialized (
      select why.*
      from asked
      cross join lateral (${whyNotFree(sql, sql`asked.identifier`)}) as why
      limit 1
    ),
    decision as materialized (
      select
        case
          when exists (select from mark where new_identifier <> ${to}) then 'moved_before'
          when exists (select from owner) then
            case
              when exists (select from owner where not is_live) then 'doomed'
              when (select count(*) from owner) > 1 then 'shared'
              when not exists (select from locked_hash) and not exists (select from locked_variant) then null
              when exists (select from obstacle) then (select outcome from obstacle)
              else 'moved'
            end
          when exists (select from new_owner where not is_live) then 'doomed'
          when exists (select from new_owner) then
            case when exists (select from mark where new_identifier = ${to}) then 'repeated' else 'taken' end
          when exists (select from mark) then 'gone'
          when exists (select from files where identifier = ${from} and condemned_at is not null) then 'gone'
          else 'unowned'
        end as outcome
    ),
    moved as materialized (
      select old, identifier, ${isShared(sql, sql`asked.old`)} as is_shared
      from asked
      where (select outcome from decision) = 'moved'
    ),
    moved_hash as (
      update hashes
      set
        identifier = case when hashes.identifier = old then moved.identifier else hashes.identifier end,
        motion_identifier = case when motion_identifier = old then moved.identifier else motion_identifier end
      from moved
      where hash = any(array(select hash from locked_hash))
    ),
    moved_variant as (
      update variants
      set identifier = moved.identifier
      from moved
      where hash = any(array(select hash from locked_variant))
        and variant = any(array(select variant from locked_variant))
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select old from moved))
      returning details
    ),
    moved_details as (
      insert into details (identifier, details)
      select moved.identifier, details
      from moved
      cross join gone_details
      on conflict do nothing
    ),
    new_mark as (
      insert into store_migrations (old_identifier, new_identifier)
      select old, identifier
      from moved
      on conflict (old_identifier) do update
        set new_identifier = excluded.new_identifier, marked_at = excluded.marked_at
    ),
    unneeded as materialized (
      select identifier
      from asked
      where (select outcome from decision) in ('gone', 'moved_before')
        and not ${isUsed(sql, sql`asked.identifier`)}
        and (select true from store_migrations where old_identifier = asked.identifier) is null
        and (
          select true
          from store_migrations
          where new_identifier = asked.identifier
            and old_identifier <> ${from}
          limit 1
        ) is null
    ),
    ${condemnedFiles(sql, sql`select identifier from unneeded`)},
    unneeded_details as (
      delete from details
      where identifier = any(array(select identifier from condemned_new union all select identifier from condemned_again))
    ),
    removed as (
      select old as identifier from moved where not is_shared
      union all
      select identifier from condemned_new
      union all
      select identifier from condemned_again
    ),
    removed_before as (
      select files.identifier
      from asked
      join files on files.identifier = old
      where (select outcome from decision) = 'repeated'
        and condemned_at is not null
    ),
    named as (
      select identifier from removed
      union
      select identifier from condemned_before
      union
      select identifier from removed_before
    )
    ${enqueued(sql, options.insertJobs)}
    select
      outcome,
      coalesce((select json_agg(identifier) from named where identifier = ${from}), '[]') as removed,
      coalesce((select json_agg(identifier) from named where identifier = ${to}), '[]') as unneeded,
      (select count(*) from removed)::integer as condemned,
      (select new_identifier from mark) as known,
      (
        select json_build_object('hash', encode(hash, 'hex'), 'variant', variant)
        from (
          select hash, variant from owner where outcome = 'shared'
          union all
          select hash, variant from new_owner
        ) as holder
        limit 1
      ) as holder
    from decision`;
}
