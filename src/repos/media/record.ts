import type { Database, Fragment, Sql } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { ANY_SIZE, gatheredRead } from '../../database/gathered-read.js';
import { utcTextOf } from '../time-text.js';
import { isValidAlias } from '../valid-alias.js';

/**
 * The image that a request asks for: an alias, or the URL of a proxied image, and a variant. The others are empty
 * strings.
 */
export interface Asked {
  alias: string;
  url: string;
  variant: string;
}

/** Returned in place of the record if its details are larger than the answer may be. */
const TOO_LARGE = 'too large';

/** An expression: a value as JSON text. */
const json = (sql: Sql, value: Fragment): Fragment => sql`coalesce(to_json(${value})::text, 'null')`;

/**
 * An expression: the details of a file as JSON text; null if they are too large. The stored size is checked first,
 * because PostgreSQL knows it without fetching the value from the TOAST table.
 */
function detailsOf(sql: Sql, identifier: Fragment, maxBytes: number): Fragment {
  return sql`nullif(
    coalesce(
      (
        select
          case
            when pg_column_size(details) > ${maxBytes} then ''
            when octet_length(details::text) > ${maxBytes} then ''
            else details::text
          end
        from details
        where details.identifier = ${identifier}
      ),
      'null'
    ),
    ''
  )`;
}

/** An expression: a variant as JSON text; null if there is no such variant, and empty if its details are too large. */
function variantOf(sql: Sql, maxBytes: number): Fragment {
  return sql`(
    select
      coalesce(
        '{"variant":' || to_json(variant)::text
          || ',"identifier":' || to_json(identifier)::text
          || ',"details":' || ${detailsOf(sql, sql`variants.identifier`, maxBytes)}
          || '}',
        ''
      )
    from variants
    where variants.hash = aliases.hash
      and variants.variant = asked.variant
  )`;
}

const EXPIRES_AT = constant((sql) => utcTextOf(sql, sql`expires_at`));

/**
 * An expression that needs `asked` in scope: the record of an image as JSON text, or null. Each row is found by its
 * key, because the planner may turn a join with many keys into a scan (database/gathered-read.ts). The text is
 * concatenated here: `row_to_json` of nested rows takes 1.5 times as long.
 */
function record(sql: Sql, maxBytes: number): Fragment {
  return sql`(
    select
      coalesce(
        '{"alias":' || to_json(alias)::text
          || ',"hash":"' || encode(aliases.hash, 'hex')
          || '","identifier":' || to_json(content.identifier)::text
          || ',"motion_identifier":' || ${json(sql, sql`motion_identifier`)}
          || ',"blurhash":' || ${json(sql, sql`blurhash`)}
          || ',"details":' || ${detailsOf(sql, sql`content.identifier`, maxBytes)}
          || ',"owner":' || ${json(sql, sql`owner`)}
          || ',"expires_at":' || coalesce('"' || ${EXPIRES_AT(sql)} || '"', 'null')
          || ',"variant":' || case
            when asked.variant = '' then 'null'
            else nullif(coalesce(${variantOf(sql, maxBytes)}, 'null'), '')
          end
          || '}',
        ${TOO_LARGE}
      )
    from aliases
    cross join lateral (
      select identifier, motion_identifier, blurhash
      from hashes
      where hashes.hash = aliases.hash
        and doomed_at is null
      limit 1
    ) as content
    where aliases.alias = case
        when asked.url = '' then asked.alias
        else (select alias from proxies where url_sha256 = sha256(convert_to(asked.url, 'UTF8')))
      end
      and ${isValidAlias(sql)}
  )`;
}

/** Selects the record of each requested image, in their order, or TOO_LARGE. */
function recordsStatement(sql: Sql, asked: Asked[], maxBytes: number) {
  // A record contains the details of two files: the original and the variant.
  const half = Math.floor(maxBytes / 2);
  return sql<{ record: string | null }[]>`
    select ${record(sql, half)} as record
    from unnest(
      ${asked.map(({ alias }) => alias)}::text[],
      ${asked.map(({ url }) => url)}::text[],
      ${asked.map(({ variant }) => variant)}::text[]
    ) with ordinality as asked (alias, url, variant, n)
    order by n`;
}

export function gatheredRecords(db: Database) {
  return gatheredRead(db, recordsStatement, {
    sizeOf: ({ url, variant }) => url.length + variant.length,
    isTooLarge: (row) => row.record === TOO_LARGE,
  });
}

/** An expression: the record of the nth requested image. */
export function recordAt(sql: Sql, asked: Asked[], n: Fragment): Fragment {
  return sql`(
    select ${record(sql, ANY_SIZE)}
    from (
      select
        (${asked.map(({ alias }) => alias)}::text[])[${n}] as alias,
        (${asked.map(({ url }) => url)}::text[])[${n}] as url,
        (${asked.map(({ variant }) => variant)}::text[])[${n}] as variant
      offset 0
    ) as asked
  )`;
}
