import type { Database, Fragment, Sql } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { isValidAlias } from '../expiry.js';
import { utcText } from '../keyset.js';

/** What is asked for: an alias, or the URL of a proxied image, and a variant. What is not asked for is empty. */
export interface Asked {
  alias: string;
  url: string;
  variant: string;
}

/**
 * The rows of one image, where `asked` is in scope, each found by its key. A join with everything that is asked for could
 * be planned as a scan (database/gathered-read.ts).
 */
const ROWS = constant(
  (sql) => sql`
    from aliases
    cross join lateral (
      select identifier, motion_identifier, blurhash
      from hashes
      where hashes.hash = aliases.hash
        and doomed_at is null
      limit 1
    ) as content
    left join lateral (
      select details
      from details
      where details.identifier = content.identifier
      limit 1
    ) as original on true
    left join lateral (
      select
        variant,
        identifier,
        (select details from details where details.identifier = variants.identifier) as details
      from variants
      where variants.hash = aliases.hash
        and variants.variant = asked.variant
      limit 1
    ) as version on true
    where aliases.alias = case
        when asked.url = '' then asked.alias
        else (select alias from proxies where url_sha256 = sha256(convert_to(asked.url, 'UTF8')))
      end
      and ${isValidAlias(sql)}
    limit 1`,
);

/** An expression, where these rows are in scope: the record as JSON text. */
const RECORD = constant(
  (sql) => sql`(
    select row_to_json(shown)::text
    from (
      select
        alias,
        encode(aliases.hash, 'hex') as hash,
        content.identifier,
        motion_identifier,
        blurhash,
        original.details,
        owner,
        ${utcText(sql, 'expires_at')},
        case
          when version.variant is not null then (
            select row_to_json(of_variant)
            from (select version.variant, version.identifier, version.details) as of_variant
          )
        end as variant
    ) as shown
  )`,
);

/** Selects the record of each image that is asked for, in their order, but none whose details are larger. */
function recordsStatement(sql: Sql, asked: Asked[], maxBytes: number) {
  // The stored size is looked at first: it is known without reading what is stored out of line.
  const isTooLarge = sql`
    case
      when pg_column_size(original.details) > ${maxBytes} or pg_column_size(version.details) > ${maxBytes} then true
      else coalesce(octet_length(original.details::text), 0) + coalesce(octet_length(version.details::text), 0) > ${maxBytes}
    end`;
  return sql<{ is_too_large: boolean | null; record: string | null }[]>`
    select is_too_large, record
    from unnest(
      ${asked.map(({ alias }) => alias)}::text[],
      ${asked.map(({ url }) => url)}::text[],
      ${asked.map(({ variant }) => variant)}::text[]
    ) with ordinality as asked (alias, url, variant, n)
    left join lateral (
      select ${isTooLarge} as is_too_large, case when not ${isTooLarge} then ${RECORD(sql)} end as record
      ${ROWS(sql)}
    ) as stored on true
    order by n`;
}

export function gatheredRecords(db: Database) {
  return gatheredRead(db, recordsStatement, {
    sizeOf: ({ url, variant }) => url.length + variant.length,
    isTooLarge: (row) => row.is_too_large === true,
  });
}

/** An expression: the record of the nth image that is asked for. */
export function recordAt(sql: Sql, asked: Asked[], n: Fragment): Fragment {
  return sql`(
    select record
    from (
      select
        (${asked.map(({ alias }) => alias)}::text[])[${n}] as alias,
        (${asked.map(({ url }) => url)}::text[])[${n}] as url,
        (${asked.map(({ variant }) => variant)}::text[])[${n}] as variant
    ) as asked
    cross join lateral (select ${RECORD(sql)} as record ${ROWS(sql)}) as stored
  )`;
}
