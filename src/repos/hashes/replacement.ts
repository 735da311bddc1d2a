import type { Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import type { InsertJobs } from '../enqueue.js';
import { isShared, whyNotFree } from '../file-owner.js';
import { enqueued } from './removal-parts.js';

/** The result of replacing a file by another. */
export interface ReplacementRow {
  found: boolean;
  /** Why the new file was refused: it has another owner (`taken`), or is condemned (`condemned`). */
  outcome: 'taken' | 'condemned' | null;
  hash: string | null;
  variant: string | null;
  /** The replaced file, if there was one and no other content uses it. */
  replaced: string | null;
}

/** Another hash may get the file while the statement runs. The next run sees it. */
export const REPLACEMENT_CONFLICTS = ['hashes_identifier_key', 'hashes_motion_identifier_key'];

export interface Replacement {
  column: 'identifier' | 'motion_identifier';
  hash: Buffer;
  identifier: string;
  /** Whether the new file gets the details of the replaced one if it has none. Otherwise they are deleted. */
  keepDetails: boolean;
}

/** Gives a hash another original or motion file, and returns the previous one. A trigger condemns the previous one. */
export function replacementStatement(
  sql: Sql,
  { column, hash, identifier, keepDetails }: Replacement,
  insertJobs: InsertJobs,
) {
  return sql<ReplacementRow[]>`
    with target as materialized (
      select hash, ${sql(column)} as identifier
      from hashes
      where hash = ${hash}
        and doomed_at is null
      for update
    ),
    asked as (
      select ${identifier}::text as identifier
      where exists (select from target where identifier is distinct from ${identifier})
    ),
    obstacle as materialized (
      select why.*
      from asked
      cross join lateral (${whyNotFree(sql, sql`asked.identifier`)}) as why
      limit 1
    ),
    assigned as (
      update hashes
      set ${sql(column)} = asked.identifier
      from asked
      where hash = any(array(select hash from target))
        and not exists (select from obstacle)
    ),
    removed as materialized (
      select target.identifier
      from target
      cross join asked
      where target.identifier is not null
        and not exists (select from obstacle)
        and not ${isShared(sql, sql`target.identifier`)}
    ),
    gone_details as (
      delete from details
      where identifier = any(array(select identifier from removed))
      returning details
    )
    ${
      keepDetails
        ? sql`,
          moved_details as (
            insert into details (identifier, details)
            select asked.identifier, details
            from asked
            cross join gone_details
            on conflict do nothing
          )`
        : NOTHING(sql)
    }
    ${enqueued(sql, insertJobs)}
    select
      exists (select from target) as found,
      (select outcome from obstacle) as outcome,
      (select encode(hash, 'hex') from obstacle) as hash,
      (select variant from obstacle) as variant,
      (select identifier from removed) as replaced`;
}
