import { isUsed } from '../file-owner.js';
import { utcTextOf } from '../time-text.js';
import { type Finder, oldEnough } from './look.js';

/**
 * Files that have details but no owner. The copies of a running move to another store are left out: they have no owner
 * yet.
 */
export const detailsWithoutOwner: Finder = {
  start: [''],
  members: ['text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select identifier, created_at, row_number() over (order by identifier) as n
      from (
        select identifier, created_at
        from details
        where identifier > ${look.after[0] ?? ''}
        order by identifier
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where created_at < ${oldEnough(sql, look)}
        and not ${isUsed(sql, sql`looked_at.identifier`)}
        and (select true from store_migrations where new_identifier = looked_at.identifier limit 1) is null
    )`,
  place: (sql) => sql`json_build_array(identifier)`,
  sample: (sql) => sql`json_build_object('identifier', identifier)`,
};

/** Rows of `files` whose owner does not have the file. */
export const filesWithoutOwner: Finder = {
  start: [''],
  members: ['text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select identifier, hash, kind, condemned_at, is_shared, row_number() over (order by identifier) as n
      from (
        select identifier, hash, kind, condemned_at, is_shared
        from files
        where identifier > ${look.after[0] ?? ''}
        order by identifier
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where condemned_at is null
        and not is_shared
        and case kind
          when 'variant' then (
            select true from variants where identifier = looked_at.identifier and hash = looked_at.hash
          )
          when 'motion' then (
            select true from hashes where motion_identifier = looked_at.identifier and hash = looked_at.hash
          )
          else (select true from hashes where identifier = looked_at.identifier and hash = looked_at.hash)
        end is null
    )`,
  place: (sql) => sql`json_build_array(identifier)`,
  sample: (sql) => sql`
    json_build_object('identifier', identifier, 'kind', kind, 'hash', encode(hash, 'hex'))`,
};

/**
 * Files of contents that have no row in `files`, or a condemned one. Nothing is found until all old files were added
 * (../files/backfill.ts). Its rows are files, in the order of their content, kind and variant, so a content may have any
 * number of them.
 */
export const ownersWithoutFile: Finder = {
  start: ['', '', ''],
  members: ['hash', 'text', 'text'],
  looked: (sql, { after: [hash = '', kind = '', variant = ''], size }) => sql`
    looked_at as materialized (
      select hash, kind, variant, identifier, row_number() over (order by hash, kind, variant) as n
      from (
        select hash, file.kind collate "C" as kind, '' as variant, file.identifier
        from (
          select hash, identifier as original, motion_identifier as motion
          from hashes
          where hash >= decode(${hash}, 'hex')
            and (select stage = 'done' from files_taken_in)
          order by hash
          limit ${size + 1}
        ) as content
        cross join lateral (
          select 'original' as kind, original as identifier
          union all
          select 'motion', motion where motion is not null
        ) as file
        where (hash, file.kind collate "C") > (decode(${hash}, 'hex'), ${kind})
        union all
        (
          select hash, 'variant' collate "C", variant, identifier
          from variants
          where (hash, variant) > (decode(${hash}, 'hex'), ${kind === 'variant' ? variant : ''})
            and (select stage = 'done' from files_taken_in)
          order by hash, variant
          limit ${size}
        )
        order by hash, kind, variant
        limit ${size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where (select condemned_at is null from files where files.identifier = looked_at.identifier) is not true
    )`,
  place: (sql) => sql`json_build_array(encode(hash, 'hex'), kind, variant)`,
  sample: (sql) => sql`
    json_build_object('identifier', identifier, 'kind', kind, 'hash', encode(hash, 'hex'))`,
};

/** Condemned files that nobody has deleted, as far as the service was told. */
export const filesToDelete: Finder = {
  start: ['-infinity', ''],
  members: ['time', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select identifier, condemned_at, deleted_at, row_number() over (order by condemned_at, identifier) as n
      from (
        select identifier, condemned_at, deleted_at
        from files
        where (condemned_at, identifier) > (${look.after[0] ?? ''}::text::timestamptz, ${look.after[1] ?? ''})
          and condemned_at < ${oldEnough(sql, look)}
        order by condemned_at, identifier
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where deleted_at is null
    )`,
  place: (sql) => sql`json_build_array(${utcTextOf(sql, sql`condemned_at`)}, identifier)`,
  sample: (sql) => sql`
    json_build_object('identifier', identifier, 'condemned_at', ${utcTextOf(sql, sql`condemned_at`)})`,
};
