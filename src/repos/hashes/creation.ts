import { column } from '../../database/column.js';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict } from '../../problems.js';
import { gatheredCreate, type RefusedRow } from '../gathered-create.js';
import { bytes, type VariantKey } from '../values.js';
import { hashNotFound, identifierUsed } from './refusals.js';

interface Sized {
  /** Null or undefined where it is not known. */
  bytes?: number | null | undefined;
}

interface Content extends Sized {
  hash: string;
  identifier: string;
}

/** Creates a hash with its file. `taken`: another hash has the file. The size of a file is not compared, but filled in. */
export function hashCreation(db: Database) {
  const create = gatheredCreate<Content>(db, {
    statement: (sql, contents, lockTimeout) => sql<RefusedRow<Content>[]>`
      with ${padding(sql)},
      asked as materialized (
        select
          generate_series(1, ${contents.length}::integer) as n,
          decode(unnest(${contents.map(({ hash }) => hash)}::text[]), 'hex') as hash,
          unnest(${contents.map(({ identifier }) => identifier)}::text[]) as identifier,
          ${unnestBytes(sql, contents)}
      ),
      created as (
        insert into hashes (hash, identifier, bytes)
        select hash, identifier, bytes
        from asked
        where ${withinLockTimeout(sql, lockTimeout)}
        order by hash, n
        on conflict do nothing
        returning hash, identifier
      ),
      refused as (
        select n, hash, identifier
        from asked
        where (hash, identifier) not in (select hash, identifier from created)
      )
      select n, outcome, encode(found.hash, 'hex') as hash, found.identifier, found.bytes
      from refused
      left join lateral (
        (select 'existing' as outcome, hash, identifier, bytes from hashes where hash = refused.hash limit 1)
        union all
        (select 'taken', hash, identifier, null from hashes where identifier = refused.identifier limit 1)
      ) as found on true`,
    keyOf: ({ hash }) => hash,
    uniqueOf: ({ identifier }) => identifier,
    sizeOf: ({ identifier }) => identifier.length,
    isSame: (content, existing) => content.identifier === existing.identifier,
    refusals: {
      existing: ({ hash, identifier }) =>
        conflict('hash_already_exists', `The hash already exists with "${identifier}".`, {
          hash,
          identifier,
        }),
      taken: ({ identifier }, { hash }) => identifierUsed(identifier, { hash, identifier }),
    },
  });
  const fill = ({ hash, identifier }: Content, size: number) =>
    db.run(
      (sql) => sql<Sized[]>`
        update hashes
        set bytes = coalesce(bytes, ${size})
        where hash = ${bytes(hash)}
          and identifier = ${identifier}
        returning bytes`,
    );
  return async (content: Content) => {
    const { created, stands } = await create(content);
    const { hash, identifier } = stands;
    return { created, record: { hash, identifier, ...(await sizeOf(content, stands, fill)) } };
  };
}

/** The sizes of files as a column; most requests have none. */
function unnestBytes(sql: Sql, items: Sized[]): Fragment {
  return sql`nullif(unnest(${column(items, ({ bytes }) => bytes, -1)}::float8[]), -1)::bigint as bytes`;
}

/** The size that stands, after the asked one was filled in where none stood. */
async function sizeOf<Item extends Sized>(
  asked: Item,
  stands: Item,
  fill: (item: Item, size: number) => Promise<Sized[]>,
): Promise<{ bytes?: number }> {
  let size = stands.bytes ?? undefined;
  const given = asked.bytes ?? undefined;
  if (size === undefined && given !== undefined) {
    const [filled] = await fill(asked, given);
    size = filled?.bytes ?? given;
  }
  return size === undefined ? {} : { bytes: size };
}

interface Variant extends VariantKey, Sized {
  identifier: string;
}

/** Creates a variant with its file. `taken`: another variant has the file. `orphan`: there is no such hash. */
export function variantCreation(db: Database) {
  const create = gatheredCreate<Variant>(db, {
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
              unnest(${variants.map(({ identifier }) => identifier)}::text[]) as identifier,
              ${unnestBytes(sql, variants)}
          ) as item
        ),
        created as (
          insert into variants (hash, variant, identifier, bytes)
          select hash, variant, identifier, bytes
          from asked
          where has_parent
          order by hash, variant collate "C", n
          on conflict do nothing
          returning hash, variant, identifier
        ),
        refused as (
          select *
          from asked
          where (hash, variant, identifier) not in (select hash, variant, identifier from created)
        )
        select n, outcome, encode(found.hash, 'hex') as hash, found.variant, found.identifier, found.bytes
        from refused
        left join lateral (
          (
            select 'existing' as outcome, hash, variant, identifier, bytes
            from variants
            where hash = refused.hash
              and variant = refused.variant
            limit 1
          )
          union all
          (select 'taken', hash, variant, identifier, null from variants where identifier = refused.identifier limit 1)
          union all
          select 'orphan', null, null, null, null where not has_parent
        ) as found on true`;
    },
    keyOf: ({ hash, variant }) => `${hash} ${variant}`,
    uniqueOf: ({ identifier }) => identifier,
    sizeOf: ({ variant, identifier }) => variant.length + identifier.length,
    isSame: (variant, existing) => variant.identifier === existing.identifier,
    refusals: {
      existing: ({ hash, variant, identifier }) =>
        conflict('variant_already_exists', `The variant already exists with "${identifier}".`, {
          hash,
          variant,
          identifier,
        }),
      taken: ({ identifier }, { hash, variant }) => identifierUsed(identifier, { hash, variant, identifier }),
      orphan: ({ hash }) => hashNotFound(hash),
    },
  });
  const fill = ({ hash, variant, identifier }: Variant, size: number) =>
    db.run(
      (sql) => sql<Sized[]>`
        update variants
        set bytes = coalesce(bytes, ${size})
        where hash = ${bytes(hash)}
          and variant = ${variant}
          and identifier = ${identifier}
        returning bytes`,
    );
  return async (asked: Variant) => {
    const { created, stands } = await create(asked);
    const { hash, variant, identifier } = stands;
    return { created, record: { hash, variant, identifier, ...(await sizeOf(asked, stands, fill)) } };
  };
}
