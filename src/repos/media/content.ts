import type { Sql } from '../../database/database.js';
import { createdAt, createdAtText } from '../hash-record.js';
import { utcTextOf } from '../time-text.js';
import { bytes } from '../values.js';

/** How many aliases, variants and URLs are shown; the member `…_more` says that there are more. */
const MAX_OF_A_KIND = 100;
/** URLs are long, and an alias rarely has a second one. */
const MAX_URLS = 3;

/**
 * Selects the record of a content as JSON text, with a limit for each list. Returns no row if the content does not
 * exist.
 */
export function contentStatement(sql: Sql, hash: string) {
  return sql<{ record: string }[]>`
    select row_to_json(shown)::text as record
    from (
      select
        encode(hashes.hash, 'hex') as hash,
        hashes.identifier,
        hashes.motion_identifier,
        hashes.blurhash,
        hashes.bytes,
        ${createdAt(sql)},
        (select details from details where details.identifier = hashes.identifier) as details,
        of_aliases.aliases,
        of_aliases.aliases_more,
        of_variants.variants,
        of_variants.variants_more
      from hashes
      cross join lateral (
        select
          coalesce(json_agg(record order by n) filter (where n <= ${MAX_OF_A_KIND}), '[]') as aliases,
          count(*) > ${MAX_OF_A_KIND} as aliases_more
        from (
          select
            n,
            json_build_object(
              'alias', alias,
              'owner', owner,
              'expires_at', ${utcTextOf(sql, sql`expires_at`)},
              'expired', coalesce(expires_at <= clock_timestamp(), false),
              'created_at', ${createdAtText(sql)},
              'accessed_at', (
                select ${utcTextOf(sql, sql`accessed`)} from alias_accesses where alias_accesses.alias = first.alias
              ),
              'urls', (
                select coalesce(json_agg(url), '[]')
                from (select url from proxies where proxies.alias = first.alias limit ${MAX_URLS}) as listed
              ),
              'urls_more', (
                select count(*) > ${MAX_URLS}
                from (select from proxies where proxies.alias = first.alias limit ${MAX_URLS + 1}) as counted
              )
            ) as record
          from (
            select alias, owner, expires_at, created_at, row_number() over (order by alias) as n
            from (
              select alias, owner, expires_at, created_at
              from aliases
              where aliases.hash = hashes.hash
              order by alias
              limit ${MAX_OF_A_KIND + 1}
            ) as ordered
          ) as first
        ) as numbered
      ) as of_aliases
      cross join lateral (
        select
          coalesce(json_agg(record order by n) filter (where n <= ${MAX_OF_A_KIND}), '[]') as variants,
          count(*) > ${MAX_OF_A_KIND} as variants_more
        from (
          select
            n,
            json_build_object(
              'variant', variant,
              'identifier', identifier,
              'bytes', bytes,
              'accessed_at', (
                select ${utcTextOf(sql, sql`accessed`)}
                from variant_accesses
                where variant_accesses.hash = hashes.hash
                  and variant_accesses.variant = first.variant
              )
            ) as record
          from (
            select variant, identifier, bytes, row_number() over (order by variant) as n
            from (
              select variant, identifier, bytes
              from variants
              where variants.hash = hashes.hash
              order by variant
              limit ${MAX_OF_A_KIND + 1}
            ) as ordered
          ) as first
        ) as numbered
      ) as of_variants
      where hashes.hash = ${bytes(hash)}
        and doomed_at is null
    ) as shown`;
}
