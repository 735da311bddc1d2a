import type { Sql } from '../../database/database.js';
import { isUsed } from '../file-owner.js';
import { type Finder, oldEnough } from './look.js';

const timeText = (sql: Sql, column: string) =>
  sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The end of a range of hashes: with a digest before it, no hash of that digest is greater. */
const LAST = Buffer.alloc(32, 0xff);
/** How many contents of a digest are read. */
const MAX_OF_ONE = 1001;

/** Contents that have no alias, in the order of their creation. */
export const hashesWithoutAlias: Finder = {
  start: ['-infinity', ''],
  members: ['time', 'hash'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select hash, identifier, created_at, row_number() over (order by created_at, hash) as n
      from (
        select hash, identifier, created_at
        from hashes
        where (created_at, hash) > (${look.after[0] ?? ''}::text::timestamptz, decode(${look.after[1] ?? ''}, 'hex'))
          and created_at < ${oldEnough(sql, look)}
          and removal is null
        order by created_at, hash
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where (select true from aliases where aliases.hash = looked_at.hash limit 1) is null
    )`,
  place: (sql) => sql`json_build_array(${timeText(sql, 'created_at')}, encode(hash, 'hex'))`,
  sample: (sql) => sql`
    json_build_object(
      'hash', encode(hash, 'hex'),
      'identifier', identifier,
      'created_at', case when created_at > '1970-01-01Z' then ${timeText(sql, 'created_at')} end
    )`,
};

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

/** Expired aliases of proxied URLs. */
export const proxiesOfExpiredAliases: Finder = {
  start: ['-infinity', ''],
  members: ['time', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select alias, hash, expires_at, row_number() over (order by expires_at, alias) as n
      from (
        select alias, hash, expires_at
        from aliases
        where (expires_at, alias) > (${look.after[0] ?? ''}::text::timestamptz, ${look.after[1] ?? ''})
          and expires_at < ${oldEnough(sql, look)}
        order by expires_at, alias
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where (select true from proxies where proxies.alias = looked_at.alias limit 1)
    )`,
  place: (sql) => sql`json_build_array(${timeText(sql, 'expires_at')}, alias)`,
  sample: (sql) => sql`json_build_object('alias', alias, 'expires_at', ${timeText(sql, 'expires_at')})`,
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
 * (../files/take-in.ts). Its rows are files, in the order of their content, kind and variant, so a content may have any
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
  place: (sql) => sql`json_build_array(${timeText(sql, 'condemned_at')}, identifier)`,
  sample: (sql) => sql`
    json_build_object('identifier', identifier, 'condemned_at', ${timeText(sql, 'condemned_at')})`,
};

/** Blocked contents that existed before the block, or were created at the same moment. */
export const blockedContents: Finder = {
  start: [''],
  members: ['hash'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select digest, digest || ${LAST}::bytea as hash, row_number() over (order by digest) as n
      from (
        select digest
        from blocked_hashes
        where digest >= substr(decode(${look.after[0] ?? ''}, 'hex'), 1, 32)
        order by digest
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select content.hash, content.identifier, row_number() over (order by content.hash) as m
      from looked_at
      cross join lateral (
        select hash, identifier
        from hashes
        where hashes.hash >= looked_at.digest
          and hashes.hash <= looked_at.hash
          and hashes.hash > decode(${look.after[0] ?? ''}, 'hex')
          and removal is null
        order by hash
        limit ${MAX_OF_ONE}
      ) as content
    )`,
  place: (sql) => sql`json_build_array(encode(hash, 'hex'))`,
  sample: (sql) => sql`json_build_object('hash', encode(hash, 'hex'), 'identifier', identifier)`,
};

/** Dead jobs, by queue. */
export const deadJobs: Finder = {
  start: ['', '0'],
  members: ['text', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select queue, seq, id, died_at, row_number() over (order by queue, seq) as n
      from (
        select queue, seq, id, died_at
        from dead_jobs
        where (queue, seq) > (${look.after[0] ?? ''}, ${look.after[1] ?? '0'}::text::bigint)
        order by queue, seq
        limit ${look.size}
      ) as page
    ),
    found as (
      select looked_at.*, n as m from looked_at
    )`,
  place: (sql) => sql`json_build_array(queue, seq::text)`,
  sample: (sql) => sql`
    json_build_object('queue', queue, 'id', id, 'died_at', ${timeText(sql, 'died_at')})`,
};

/** Uploads that were abandoned: without a result, without a claimer, or with an alias that could not be released. */
export const staleUploads: Finder = {
  start: ['-infinity', '00000000-0000-0000-0000-000000000000'],
  members: ['time', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select id, alias, created_at, expires_at, completed_at, claimer_sha256, is_over, row_number() over (order by expires_at, id) as n
      from (
        select id, alias, created_at, expires_at, completed_at, claimer_sha256, is_over
        from uploads
        where (expires_at, id) > (${look.after[0] ?? ''}::text::timestamptz, ${look.after[1] ?? ''}::text::uuid)
        order by expires_at, id
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select
        looked_at.*,
        case when is_over then 'over' when completed_at is null then 'pending' else 'unclaimed' end as state,
        row_number() over (order by n) as m
      from looked_at
      where claimer_sha256 is null
        and (is_over or coalesce(completed_at, created_at) < ${oldEnough(sql, look)})
    )`,
  place: (sql) => sql`json_build_array(${timeText(sql, 'expires_at')}, id)`,
  // The id is not shown, because it gives access to the upload.
  sample: (sql) => sql`
    json_build_object('state', state, 'alias', alias, 'created_at', ${timeText(sql, 'created_at')})`,
};

/** Claims whose lease has expired, and that nobody has taken over. */
export const claimsThatRanOut: Finder = {
  start: ['', ''],
  members: ['hash', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select hash, variant, lease_expires_at, identifier, error, row_number() over (order by hash, variant) as n
      from (
        select hash, variant, lease_expires_at, identifier, error
        from variant_claims
        where (hash, variant) > (decode(${look.after[0] ?? ''}, 'hex'), ${look.after[1] ?? ''})
        order by hash, variant
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where coalesce(identifier, error) is null
        and lease_expires_at < statement_timestamp()
    )`,
  place: (sql) => sql`json_build_array(encode(hash, 'hex'), variant)`,
  sample: (sql) => sql`
    json_build_object(
      'hash', encode(hash, 'hex'),
      'variant', variant,
      'lease_expires_at', ${timeText(sql, 'lease_expires_at')}
    )`,
};
