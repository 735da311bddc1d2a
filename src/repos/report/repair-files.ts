import type { Sql } from '../../database/database.js';
import type { InsertJobs } from '../enqueue.js';
import { isUsed, ownersOf } from '../file-owner.js';
import { enqueued } from '../hashes/removal-parts.js';

/** The files that were condemned, and those whose rows now have the right owner. */
interface Repaired {
  removed: string[];
  repaired: string[];
}

/**
 * Repairs rows of `files` whose owner does not have the file. If another content uses the file, that becomes the owner;
 * otherwise the file is condemned. Until it is repaired, such a row stops anybody else from getting the file.
 */
export function repairOwners(sql: Sql, identifiers: string[], insertJobs: InsertJobs) {
  return sql<Repaired[]>`
    with wrong as materialized (
      select identifier, hash, kind
      from files
      where identifier = any(${identifiers}::text[])
        and condemned_at is null
        and not is_shared
      order by identifier
      for update
    ),
    owner as materialized (
      select wrong.identifier, owner.hash, owner.kind
      from wrong
      cross join lateral (select kind, hash from (${ownersOf(sql, sql`wrong.identifier`)}) as one limit 1) as owner
    ),
    repaired as (
      update files
      set hash = owner.hash, kind = owner.kind
      from owner
      where files.identifier = any(array(select identifier from owner))
        and files.identifier = owner.identifier
        and (files.hash, files.kind) is distinct from (owner.hash, owner.kind)
      returning files.identifier
    ),
    removed as (
      update files
      set condemned_at = clock_timestamp(), deleted_at = null
      where identifier = any(array(
        select identifier from wrong where not ${isUsed(sql, sql`wrong.identifier`)} order by identifier
      ))
      returning identifier
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from removed order by identifier))
    )
    ${enqueued(sql, insertJobs)}
    select
      coalesce((select json_agg(identifier order by identifier) from removed), '[]') as removed,
      coalesce((select json_agg(identifier order by identifier) from repaired), '[]') as repaired`;
}

/**
 * Adds missing rows of `files` for the files of contents. Contents and variants are locked, so that they keep their
 * files meanwhile.
 */
export function repairMissing(sql: Sql, identifiers: string[]) {
  return sql<Repaired[]>`
    with owner as materialized (
      select asked.identifier, owner.hash
      from unnest(${identifiers}::text[]) as asked (identifier)
      cross join lateral (${ownersOf(sql, sql`asked.identifier`)}) as owner
    ),
    content as materialized (
      select hash, identifier, motion_identifier
      from hashes
      where hash = any(array(select hash from owner))
      order by hash
      for key share
    ),
    variant as materialized (
      select hash, identifier
      from variants
      where identifier = any(array(select identifier from owner))
        and hash = any(array(select hash from content))
      order by identifier
      for key share
    ),
    file as (
      select identifier, hash, 'original' as kind from content
      union all
      select motion_identifier, hash, 'motion' from content where motion_identifier is not null
      union all
      select identifier, hash, 'variant' from variant
    ),
    repaired as (
      insert into files as known (identifier, hash, kind)
      select distinct on (identifier) identifier, hash, kind
      from file
      where identifier in (select identifier from owner)
      order by identifier, hash
      on conflict (identifier) do update
        set hash = excluded.hash, kind = excluded.kind, condemned_at = null, deleted_at = null
        where known.condemned_at is not null
      returning identifier
    )
    select
      '[]'::json as removed,
      coalesce((select json_agg(identifier order by identifier) from repaired), '[]') as repaired`;
}
