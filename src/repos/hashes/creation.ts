import type { Database } from '../../database/database.js';
import { conflict } from '../../problems.js';
import { type Created, createOnce } from '../outcome.js';
import { bytes } from '../values.js';
import { hashNotFound, identifierUsed } from './refusals.js';

interface HashRow {
  outcome: 'created' | 'existing' | 'taken';
  hash: string;
  identifier: string;
}

/** Creates a hash with its file. `taken`: another hash has the file. */
export function createHash(
  db: Database,
  hash: string,
  identifier: string,
): Promise<Created<{ hash: string; identifier: string }>> {
  const key = bytes(hash);
  return createOnce(
    db,
    { hash: hash.toLowerCase(), identifier },
    (sql) => sql<HashRow[]>`
      with created as (
        insert into hashes (hash, identifier)
        values (${key}, ${identifier})
        on conflict do nothing
        returning hash, identifier
      )
      select 'created' as outcome, encode(hash, 'hex') as hash, identifier
      from created
      union all
      select 'existing', encode(hash, 'hex'), identifier
      from hashes
      where hash = ${key}
      union all
      select 'taken', encode(hash, 'hex'), identifier
      from hashes
      where identifier = ${identifier}
        and hash <> ${key}`,
    {
      existing: ({ hash, identifier: existing }) =>
        existing === identifier
          ? undefined
          : conflict('hash_already_exists', `The hash already exists with "${existing}".`, {
              hash,
              identifier: existing,
            }),
      taken: ({ hash }) => identifierUsed(identifier, { hash, identifier }),
    },
  );
}

interface VariantRow {
  outcome: 'created' | 'existing' | 'taken' | 'orphan';
  hash: string;
  variant: string;
  identifier: string;
}

/** Creates a variant with its file. `taken`: another variant has the file. `orphan`: there is no such hash. */
export function createVariant(
  db: Database,
  hash: string,
  variant: string,
  identifier: string,
): Promise<Created<{ hash: string; variant: string; identifier: string }>> {
  const key = bytes(hash);
  return createOnce(
    db,
    { hash: hash.toLowerCase(), variant, identifier },
    (sql) => sql<VariantRow[]>`
      with parent as materialized (
        select hash
        from hashes
        where hash = ${key}
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
      select 'existing', encode(hash, 'hex'), variant, identifier
      from variants
      where hash = ${key}
        and variant = ${variant}
      union all
      select 'taken', encode(hash, 'hex'), variant, identifier
      from variants
      where identifier = ${identifier}
        and (hash, variant) <> (${key}, ${variant})
      union all
      select 'orphan', '', '', ''
      where not exists (select from parent)`,
    {
      existing: ({ hash, variant, identifier: existing }) =>
        existing === identifier
          ? undefined
          : conflict('variant_already_exists', `The variant already exists with "${existing}".`, {
              hash,
              variant,
              identifier: existing,
            }),
      taken: ({ hash, variant }) => identifierUsed(identifier, { hash, variant, identifier }),
      orphan: () => hashNotFound(hash),
    },
  );
}
