import type { Fragment, Sql } from '../database/database.js';
import { constant } from '../database/driver/constant.js';
import { isLive } from './doomed.js';

/** One file, one owner: what statements ask that give a file to somebody. Triggers keep the table `files` itself. */

/** Another transaction has just given the name to somebody, or condemned it. The next run sees it. */
export const FILE_CONFLICTS = ['files_pkey'];

/** A condition: nobody has the file `asked.identifier`, and the name was not given up. */
export const isFree = constant(
  (sql) => sql`(
    (select true from files where identifier = asked.identifier) is null
    and (
      (select stage = 'done' from files_taken_in)
      or not ${isUsed(sql, sql`asked.identifier`)}
    )
  )`,
);

/** A condition: a content has the file. It looks at the contents themselves, as `files` may not know old files yet. */
export function isUsed(sql: Sql, identifier: Fragment): Fragment {
  return sql`(
    exists (select from hashes where hashes.identifier = ${identifier})
    or exists (select from hashes where hashes.motion_identifier = ${identifier})
    or exists (select from variants where variants.identifier = ${identifier})
  )`;
}

/** Whoever has a file, as `kind`, `hash` and `variant`; the variant of an original or a motion file is empty. */
export function ownersOf(sql: Sql, identifier: Fragment): Fragment {
  return sql`
    select 'original' as kind, hash, '' as variant from hashes where hashes.identifier = ${identifier}
    union all
    select 'motion', hash, '' from hashes where hashes.motion_identifier = ${identifier}
    union all
    select 'variant', hash, variant from variants where variants.identifier = ${identifier}`;
}

/**
 * A condition: others may have the file too, so that it must not be named for deletion. Only data from before there was
 * one owner for each file has such files.
 */
export function isShared(sql: Sql, identifier: Fragment): Fragment {
  return sql`(
    (select is_shared from files where files.identifier = ${identifier}) is true
    or (select count(*) from (${ownersOf(sql, identifier)}) as owner) > 1
  )`;
}

/** Why a name is not free: `taken` with its owner, or `condemned`, as it is also where its owner is being removed. */
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
