import type { Fragment, Sql } from '../database/database.js';
import { constant } from '../database/driver/constant.js';
import { isLive } from './doomed.js';

/**
 * Each file has one owner. These are the checks of statements that give a file to an owner; triggers maintain the table
 * `files`.
 */

/** Another transaction has just given the file to an owner, or condemned it. The next run sees it. */
export const FILE_CONFLICTS = ['files_pkey'];

/** A condition: the file `asked.identifier` has no owner and is not condemned. */
export const isFree = constant(
  (sql) => sql`(
    (select true from files where identifier = asked.identifier) is null
    and (
      (select stage = 'done' from files_taken_in)
      or not ${isUsed(sql, sql`asked.identifier`)}
    )
  )`,
);

/**
 * A condition: a content uses the file. It reads the contents themselves, because `files` may lack old files
 * (files/backfill.ts).
 */
export function isUsed(sql: Sql, identifier: Fragment): Fragment {
  return sql`(
    exists (select from hashes where hashes.identifier = ${identifier})
    or exists (select from hashes where hashes.motion_identifier = ${identifier})
    or exists (select from variants where variants.identifier = ${identifier})
  )`;
}

/** The owners of a file, as `kind`, `hash` and `variant`. The variant is empty for an original or a motion file. */
export function ownersOf(sql: Sql, identifier: Fragment): Fragment {
  return sql`
    select 'original' as kind, hash, '' as variant from hashes where hashes.identifier = ${identifier}
    union all
    select 'motion', hash, '' from hashes where hashes.motion_identifier = ${identifier}
    union all
    select 'variant', hash, variant from variants where variants.identifier = ${identifier}`;
}

/**
 * A condition: another content may use the file too, so it must not be condemned. Only data from before
 * migration 00008, which gave each file one owner, has such files.
 */
export function isShared(sql: Sql, identifier: Fragment): Fragment {
  return sql`(
    (select is_shared from files where files.identifier = ${identifier}) is true
    or (select count(*) from (${ownersOf(sql, identifier)}) as owner) > 1
  )`;
}

/**
 * Why a file cannot be used: `taken` with its owner, or `condemned`. It is also `condemned` while its owner is being
 * removed.
 */
export function whyNotFree(sql: Sql, identifier: Fragment): Fragment {
  return sql`
    (
      select case when ${isLive(sql, sql`owner.hash`)} then 'taken' else 'condemned' end as outcome, hash, variant
      from (${ownersOf(sql, identifier)}) as owner
      limit 1
    )
    union all
    select case when condemned_at is null then 'taken' else 'condemned' end, hash, ''
    from files
    where files.identifier = ${identifier}`;
}

/** Why a file cannot be used: another record owns it, or its name was condemned. */
export interface Holder {
  outcome: 'taken' | 'condemned';
  hash: string;
  /** Empty for an original or a motion file. */
  variant: string;
}

/** An expression: a `Holder` as JSON; null if the file is free. */
export const holderOf = (sql: Sql, identifier: Fragment): Fragment => sql`(
  select json_build_object('outcome', outcome, 'hash', encode(hash, 'hex'), 'variant', variant)
  from (${whyNotFree(sql, identifier)}) as why
  limit 1
)`;
