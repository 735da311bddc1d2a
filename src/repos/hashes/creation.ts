import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict } from '../../problems.js';
import { hashBeingRemoved, isLive } from '../doomed.js';
import { isFree, whyNotFree } from '../file-owner.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';
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
    insert: (sql, contents, lockTimeout) => sql<Content[]>`
      with ${padding(sql)}
      insert into hashes (hash, identifier)
      select hash, identifier
      from (
        select
          decode(unnest(${contents.map(({ hash }) => hash)}::text[]), 'hex') as hash,
          unnest(${contents.map(({ identifier }) => identifier)}::text[]) as identifier
      ) as asked
      where ${withinLockTimeout(sql, lockTimeout)}
        and ${isFree(sql)}
      order by hash
      on conflict do nothing
      returning encode(hash, 'hex') as hash, identifier`,
    find: (sql, contents) => sql<Obstacle<Content>[]>`
      select outcome, encode(found.hash, 'hex') as hash, found.variant, found.identifier
      from unnest(
        ${contents.map(({ hash }) => hash)}::text[],
        ${contents.map(({ identifier }) => identifier)}::text[]
      ) with ordinality as asked (hash, identifier, n)
      left join lateral (
        (
          select
            1 as rank,
            case when doomed_at is null then 'existing' else 'doomed' end as outcome,
            hash,
            '' as variant,
            identifier
          from hashes
          where hash = decode(asked.hash, 'hex')
          limit 1
        )
        union all
        (select 2, *, asked.identifier from (${whyNotFree(sql, sql`asked.identifier`)}) as why limit 1)
        order by rank
        limit 1
      ) as found on true
      order by n`,
    keyOf: ({ hash }) => hash,
    sizeOf: ({ identifier }) => identifier.length,
    refusals: {
      existing: ({ hash, identifier }) =>
        conflict('hash_already_exists', `The hash already exists with "${identifier}".`, {
          hash,
          identifier,
        }),
      doomed: hashBeingRemoved,
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
    insert: (sql, variants, lockTimeout) => {
      const hashes = variants.map(({ hash }) => hash);
      return sql<Variant[]>`
        with ${padding(sql)},
        parent as materialized (
          select hash
          from hashes
          where ${withinLockTimeout(sql, lockTimeout)}
            and hash = any(array(select decode(unnest(${hashes}::text[]), 'hex')))
            and doomed_at is null
          order by hash
          for key share
        )
        insert into variants (hash, variant, identifier)
        select hash, variant, identifier
        from (
          select
            decode(unnest(${hashes}::text[]), 'hex') as hash,
            unnest(${variants.map(({ variant }) => variant)}::text[]) as variant,
            unnest(${variants.map(({ identifier }) => identifier)}::text[]) as identifier
        ) as asked
        -- "is true" keeps it a lookup in a hash table: a join could compare each with each.
        where (hash in (select hash from parent)) is true
          and ${isFree(sql)}
        order by hash, variant collate "C"
        on conflict do nothing
        returning encode(hash, 'hex') as hash, variant, identifier`;
    },
    find: (sql, variants) => sql<Obstacle<Variant>[]>`
      select outcome, encode(found.hash, 'hex') as hash, found.variant, found.identifier
      from unnest(
        ${variants.map(({ hash }) => hash)}::text[],
        ${variants.map(({ variant }) => variant)}::text[],
        ${variants.map(({ identifier }) => identifier)}::text[]
      ) with ordinality as asked (hash, variant, identifier, n)
      left join lateral (
        (
          select 1 as rank, 'existing' as outcome, hash, variant, identifier
          from variants
          where hash = decode(asked.hash, 'hex')
            and variant = asked.variant
            and ${isLive(sql, sql`variants.hash`)}
          limit 1
        )
        union all
        (select 3, *, asked.identifier from (${whyNotFree(sql, sql`asked.identifier`)}) as why limit 1)
        union all
        select 2, 'orphan', null, null, null
        where (select true from hashes where hash = decode(asked.hash, 'hex') and doomed_at is null) is null
        order by rank
        limit 1
      ) as found on true
      order by n`,
    keyOf: ({ hash, variant }) => `${hash} ${variant}`,
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
