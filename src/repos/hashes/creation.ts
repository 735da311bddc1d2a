import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict } from '../../problems.js';
import { isFree, whyNotFree } from '../file-owner.js';
import { gatheredCreate, type RefusedRow } from '../gathered-create.js';
import type { VariantKey } from '../values.js';
import { hashNotFound, identifierCondemned, identifierUsed } from './refusals.js';

interface Content {
  hash: string;
  identifier: string;
  /** Of whoever has the file, where it is a variant. */
  variant?: string;
}

/** Creates a hash with its file. `taken`: somebody else has the file. */
export function hashCreation(db: Database) {
  return gatheredCreate<Content>(db, {
    statement: (sql, contents, lockTimeout) => sql<RefusedRow<Content>[]>`
      with ${padding(sql)},
      asked as materialized (
        select
          generate_series(1, ${contents.length}::integer) as n,
          decode(unnest(${contents.map(({ hash }) => hash)}::text[]), 'hex') as hash,
          unnest(${contents.map(({ identifier }) => identifier)}::text[]) as identifier
      ),
      created as (
        insert into hashes (hash, identifier)
        select hash, identifier
        from asked
        where ${withinLockTimeout(sql, lockTimeout)}
          and ${isFree(sql)}
        order by hash, n
        on conflict do nothing
        returning hash, identifier
      ),
      refused as (
        select n, hash, identifier
        from asked
        where (hash, identifier) not in (select hash, identifier from created)
      )
      select n, outcome, encode(found.hash, 'hex') as hash, found.identifier, found.variant
      from refused
      left join lateral (
        (select 'existing' as outcome, hash, '' as variant, identifier from hashes where hash = refused.hash limit 1)
        union all
        select *, refused.identifier from (${whyNotFree(sql, sql`refused.identifier`)}) as holder
      ) as found on true`,
    keyOf: ({ hash }) => hash,
    uniqueOf: ({ identifier }) => identifier,
    sizeOf: ({ identifier }) => identifier.length,
    refusals: {
      existing: ({ hash, identifier }) =>
        conflict('hash_already_exists', `The hash already exists with "${identifier}".`, {
          hash,
          identifier,
        }),
      taken: ({ identifier }, holder) => identifierUsed(identifier, holder),
      condemned: ({ identifier }) => identifierCondemned(identifier),
    },
  });
}

interface Variant extends VariantKey {
  identifier: string;
}

/** Creates a variant with its file. `taken`: somebody else has the file. `orphan`: there is no such hash. */
export function variantCreation(db: Database) {
  return gatheredCreate<Variant>(db, {
    statement: (sql, variants, lockTimeout) => {
      const hashes = variants.map(({ hash }) => hash);
      return sql<RefusedRow<Variant>[]>`
        with ${padding(sql)},
        parent as materialized (
          select hash
          from hashes
          where ${withinLockTimeout(sql, lockTimeout)}
            and hash = any(array(select decode(unnest(${hashes}::text[]), 'hex')))
          order by hash
          for key share
        ),
        asked as materialized (
          select *, hash in (select hash from parent) as has_parent
          from (
            select
              generate_series(1, ${variants.length}::integer) as n,
              decode(unnest(${hashes}::text[]), 'hex') as hash,
              unnest(${variants.map(({ variant }) => variant)}::text[]) as variant,
              unnest(${variants.map(({ identifier }) => identifier)}::text[]) as identifier
          ) as item
        ),
        created as (
          insert into variants (hash, variant, identifier)
          select hash, variant, identifier
          from asked
          where has_parent
            and ${isFree(sql)}
          order by hash, variant collate "C", n
          on conflict do nothing
          returning hash, variant, identifier
        ),
        refused as (
          select *
          from asked
          where (hash, variant, identifier) not in (select hash, variant, identifier from created)
        )
        select n, outcome, encode(found.hash, 'hex') as hash, found.variant, found.identifier
        from refused
        left join lateral (
          (
            select 'existing' as outcome, hash, variant, identifier
            from variants
            where hash = refused.hash
              and variant = refused.variant
            limit 1
          )
          union all
          select *, refused.identifier from (${whyNotFree(sql, sql`refused.identifier`)}) as holder
          union all
          select 'orphan', null, null, null where not has_parent
        ) as found on true`;
    },
    keyOf: ({ hash, variant }) => `${hash} ${variant}`,
    uniqueOf: ({ identifier }) => identifier,
    sizeOf: ({ variant, identifier }) => variant.length + identifier.length,
    refusals: {
      existing: ({ hash, variant, identifier }) =>
        conflict('variant_already_exists', `The variant already exists with "${identifier}".`, {
          hash,
          variant,
          identifier,
        }),
      taken: ({ identifier }, holder) => identifierUsed(identifier, holder),
      condemned: ({ identifier }) => identifierCondemned(identifier),
      orphan: ({ hash }) => hashNotFound(hash),
    },
  });
}
