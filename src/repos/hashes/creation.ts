import type { Sql } from '../../database/database.js';

/**
 * Creates a hash, or shows what stands in its way: the same hash, or another one with its identifier. No row
 * means that a concurrent transaction committed after the statement's snapshot; a retry sees it.
 */
export function createStatement(sql: Sql, hash: Buffer, identifier: string) {
  return sql<{ created: boolean; hash: string; identifier: string }[]>`
    with created as (
      insert into hashes (hash, identifier)
      values (${hash}, ${identifier})
      on conflict do nothing
      returning hash, identifier
    )
    select true as created, encode(hash, 'hex') as hash, identifier
    from created
    union all
    select false, encode(hash, 'hex'), identifier
    from hashes
    where hash = ${hash}
    union all
    select false, encode(hash, 'hex'), identifier
    from hashes
    where identifier = ${identifier}
      and hash <> ${hash}`;
}

export interface Outcome {
  outcome: 'created' | 'standing' | 'orphan';
  hash: string;
  variant: string;
  identifier: string;
}

/** As createStatement, for a variant; `orphan` where there is no such hash. */
export function relateVariantStatement(sql: Sql, hash: Buffer, variant: string, identifier: string) {
  return sql<Outcome[]>`
    with parent as materialized (
      select hash
      from hashes
      where hash = ${hash}
      for key share
    ),
    created as (
      insert into variants (hash, variant, identifier)
      select hash, ${variant}, ${identifier}
      from parent
      on conflict do nothing
      returning hash, variant, identifier
    )
    select 'created' as outcome, encode(hash, 'hex') as hash, variant, identifier
    from created
    union all
    select 'standing', encode(hash, 'hex'), variant, identifier
    from variants
    where hash = ${hash}
      and variant = ${variant}
    union all
    select 'standing', encode(hash, 'hex'), variant, identifier
    from variants
    where identifier = ${identifier}
      and (hash, variant) <> (${hash}, ${variant})
    union all
    select 'orphan', '', '', ''
    where not exists (select from parent)`;
}
