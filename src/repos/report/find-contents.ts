import { END_OF_DIGEST } from '../blocked.js';
import { createdAtText } from '../hash-record.js';
import { utcTextOf } from '../time-text.js';
import { type Finder, oldEnough } from './look.js';

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
  place: (sql) => sql`json_build_array(${utcTextOf(sql, sql`created_at`)}, encode(hash, 'hex'))`,
  sample: (sql) => sql`
    json_build_object(
      'hash', encode(hash, 'hex'),
      'identifier', identifier,
      'created_at', ${createdAtText(sql)}
    )`,
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
  place: (sql) => sql`json_build_array(${utcTextOf(sql, sql`expires_at`)}, alias)`,
  sample: (sql) => sql`json_build_object('alias', alias, 'expires_at', ${utcTextOf(sql, sql`expires_at`)})`,
};

/**
 * Blocked contents that existed before the block, or were created at the same moment. The rows that are read are the
 * contents of each block, or one row without a content, so a block may have any number of them.
 */
export const blockedContents: Finder = {
  start: [''],
  members: ['hash'],
  looked: (sql, { after: [after = ''], size }) => sql`
    looked_at as materialized (
      select coalesce(hash, last) as hash, identifier, row_number() over (order by coalesce(hash, last)) as n
      from (
        select digest, last, content.hash, identifier
        from (
          select digest, digest || ${END_OF_DIGEST}::bytea as last
          from blocked_hashes
          where digest >= substr(decode(${after}, 'hex'), 1, 32)
            and digest || ${END_OF_DIGEST}::bytea > decode(${after}, 'hex')
          order by digest
          limit ${size}
        ) as block
        left join lateral (
          select hash, identifier
          from hashes
          where hash >= digest
            and hash <= last
            and hash > decode(${after}, 'hex')
            and removal is null
          order by hash
          limit ${size}
        ) as content on true
        order by digest, content.hash
        limit ${size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where identifier is not null
    )`,
  place: (sql) => sql`json_build_array(encode(hash, 'hex'))`,
  sample: (sql) => sql`json_build_object('hash', encode(hash, 'hex'), 'identifier', identifier)`,
};
