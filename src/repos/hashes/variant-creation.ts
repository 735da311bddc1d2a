import type { Database, Fragment, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict } from '../../problems.js';
import { isLive } from '../doomed.js';
import { holderOf, isFree } from '../file-owner.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';
import { bytes, type VariantKey } from '../values.js';
import { filledSize, isSameFile, type SizedFile, sizesOf } from './file-size.js';
import { hashNotFound, identifierCondemned, identifierUsed } from './refusals.js';

interface Variant extends VariantKey, SizedFile {}

/** Creates a variant with its file. The obstacle `orphan` means that the hash does not exist. */
export function variantCreation(db: Database) {
  const create = gatheredCreate<Variant>(db, {
    insertStatement,
    obstacleStatement,
    keyOf: ({ hash, variant }) => `${hash} ${variant}`,
    sizeOf: ({ variant, identifier }) => variant.length + identifier.length,
    isSame: isSameFile,
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
  const fill = ({ hash, variant, identifier }: Variant, size: number) =>
    db.run(
      (sql) => sql<SizedFile[]>`
        update variants
        set bytes = coalesce(bytes, ${size})
        where hash = ${bytes(hash)}
          and variant = ${variant}
          and identifier = ${identifier}
        returning identifier, bytes`,
    );
  return async (asked: Variant) => {
    const { created, stored } = await create(asked);
    const { hash, variant, identifier } = asked;
    return { created, record: { hash, variant, identifier, ...(await filledSize(asked, stored, fill)) } };
  };
}

/** "is true" makes the planner look the hashes up in a hash table. It might join each with each otherwise. */
function insertStatement(sql: Sql, variants: Variant[], lockTimeout: LockTimeout) {
  return sql<Variant[]>`
    with ${padding(sql)},
    asked as materialized (
      select decode(hash, 'hex') as hash, variant, identifier, nullif(bytes, -1)::bigint as bytes
      from ${askedVariants(sql, variants)}
    ),
    live_hashes as materialized (
      select hash
      from hashes
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = any(array(select hash from asked))
        and doomed_at is null
      order by hash
      for key share
    )
    insert into variants (hash, variant, identifier, bytes)
    select hash, variant, identifier, bytes
    from asked
    where (hash in (select hash from live_hashes)) is true
      and ${isFree(sql)}
    order by hash, variant collate "C"
    on conflict do nothing
    returning encode(hash, 'hex') as hash, variant, identifier, bytes`;
}

/** A missing hash is not found by "not exists", because the planner might scan all hashes for that. */
function obstacleStatement(sql: Sql, variants: Variant[]) {
  return sql<Obstacle<Variant>[]>`
    select
      existing.*,
      case
        when is_live then 'existing'
        when not is_live then 'doomed'
        when (select true from hashes where hash = decode(asked.hash, 'hex') and doomed_at is null) is null then 'orphan'
      end as outcome,
      case when is_live is null then ${holderOf(sql, sql`asked.identifier`)} end as holder
    from ${askedVariants(sql, variants)}
    left join lateral (
      select true as is_live, encode(hash, 'hex') as hash, variant, identifier, bytes
      from variants
      where hash = decode(asked.hash, 'hex')
        and variant = asked.variant
        and ${isLive(sql, sql`variants.hash`)}
      limit 1
    ) as existing on true
    order by n`;
}

const askedVariants = (sql: Sql, variants: Variant[]): Fragment => sql`
  unnest(
    ${variants.map(({ hash }) => hash)}::text[],
    ${variants.map(({ variant }) => variant)}::text[],
    ${variants.map(({ identifier }) => identifier)}::text[],
    ${sizesOf(variants)}::float8[]
  ) with ordinality as asked (hash, variant, identifier, bytes, n)`;
