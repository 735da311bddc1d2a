import type { Fragment, Sql } from '../database/database.js';
import { constant, NOTHING } from '../database/driver/constant.js';
import { utcTextOf } from './time-text.js';
import { isValidAlias } from './valid-alias.js';

/** How many aliases and variants of a hash are shown; the member `…_more` says that there are more. */
const MAX_OF_A_KIND = 100;
/** How many aliases are read, because some of them may have expired. */
const MAX_LOOKED_AT = 1000;

/** An expression: a time of creation, which is null if it is unknown (migrations/00007-media-records.js). */
export const createdAtText = constant(
  (sql) => sql`case when created_at > '1970-01-01Z' then ${utcTextOf(sql, sql`created_at`)} end`,
);

/** Selects it under the name of the column. */
export const createdAt = constant((sql) => sql`${createdAtText(sql)} as created_at`);

/** The members of the hash itself. */
export const OWN_MEMBERS = [
  'hash',
  'identifier',
  'motion_identifier',
  'blurhash',
  'bytes',
  'created_at',
] as const;

/** What a page of hashes may include. */
export const INCLUDED = ['aliases', 'details', 'variants'] as const;

export type Included = (typeof INCLUDED)[number];
type Member = (typeof OWN_MEMBERS)[number] | Included;

interface Source {
  columns: (sql: Sql) => Fragment;
  /** The source of the columns, if it is not the row of `hashes`. */
  from?: (sql: Sql) => Fragment;
}

const MEMBERS: Record<Member, Source> = {
  hash: { columns: constant((sql) => sql`encode(hashes.hash, 'hex') as hash`) },
  identifier: { columns: constant((sql) => sql`hashes.identifier`) },
  motion_identifier: { columns: constant((sql) => sql`hashes.motion_identifier`) },
  blurhash: { columns: constant((sql) => sql`hashes.blurhash`) },
  bytes: { columns: constant((sql) => sql`hashes.bytes`) },
  created_at: { columns: createdAt },
  details: {
    columns: constant(
      (sql) => sql`(select details from details where details.identifier = hashes.identifier) as details`,
    ),
  },
  aliases: {
    columns: constant((sql) => sql`aliases, aliases_more`),
    from: constant(
      (sql) => sql`
        cross join lateral (
          select
            coalesce(json_agg(alias order by alias) filter (where n <= ${MAX_OF_A_KIND}), '[]') as aliases,
            count(*) > ${MAX_OF_A_KIND} or (
              select count(*) > ${MAX_LOOKED_AT}
              from (select from aliases where aliases.hash = hashes.hash limit ${MAX_LOOKED_AT + 1}) as counted
            ) as aliases_more
          from (
            select alias, row_number() over (order by alias) as n
            from (
              select alias
              from (
                select alias, expires_at
                from aliases
                where aliases.hash = hashes.hash
                order by alias
                limit ${MAX_LOOKED_AT}
              ) as looked_at
              where ${isValidAlias(sql)}
              order by alias
              limit ${MAX_OF_A_KIND + 1}
            ) as valid
          ) as numbered
        ) as of_aliases`,
    ),
  },
  variants: {
    columns: constant((sql) => sql`variants, variants_more`),
    from: constant(
      (sql) => sql`
        cross join lateral (
          select
            coalesce(
              json_agg(
                json_build_object('variant', variant, 'identifier', identifier, 'bytes', bytes)
                order by variant
              ) filter (where n <= ${MAX_OF_A_KIND}),
              '[]'
            ) as variants,
            count(*) > ${MAX_OF_A_KIND} as variants_more
          from (
            select variant, identifier, bytes, row_number() over (order by variant) as n
            from (
              select variant, identifier, bytes
              from variants
              where variants.hash = hashes.hash
              order by variant
              limit ${MAX_OF_A_KIND + 1}
            ) as first
          ) as numbered
        ) as of_variants`,
    ),
  },
};

/** An expression that needs a row of `hashes` in scope: its record as JSON text. */
export function hashRecord(sql: Sql, members: readonly Member[]): Fragment {
  const [columns = NOTHING(sql), ...more] = members.map((member) => MEMBERS[member].columns(sql));
  const sources = members.map((member) => MEMBERS[member].from?.(sql) ?? NOTHING(sql));
  return sql`(
    select row_to_json(shown)::text
    from (
      select ${more.reduce((list, next) => sql`${list}, ${next}`, columns)}
      from (select) as itself
      ${sources.reduce((list, next) => sql`${list} ${next}`, NOTHING(sql))}
    ) as shown
  )`;
}

/** An expression: the record of the nth of several hashes, in hex; null if the hash does not exist. */
export function recordOfHashAt(
  sql: Sql,
  hashes: string[],
  n: Fragment,
  members: readonly Member[],
): Fragment {
  return sql`(
    select ${hashRecord(sql, members)}
    from hashes
    where hash = decode((${hashes}::text[])[${n}], 'hex')
      and doomed_at is null
  )`;
}
