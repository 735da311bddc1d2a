import type { Database, Sql } from '../../database/database.js';
import { throughSlicesUntil } from '../slices.js';
import { add, bySize, figuresOf, type Group, Largest, none } from './figures.js';
import { addVariants, variantsAfter } from './heavy.js';
import { type Heavy, type OfVariants, ofVariants } from './variants-sql.js';

/**
 * Counts the contents of each owner, one owner after the other, so that any number of owners needs little memory. It
 * takes longer than the pass over all contents, because the contents of an owner are not together on disk.
 */
export async function countOwners(db: Database, until: number): Promise<Largest> {
  const remainders = new Map<string, Promise<OfVariants>>();

  /** Adds the remaining variants of contents that have too many for a slice. They are counted once for all owners. */
  async function complete(group: OfVariants & { heavy: Heavy[] }): Promise<void> {
    for (const heavy of group.heavy) {
      const remainder = remainders.get(heavy.hash) ?? variantsAfter(db, heavy, until);
      remainders.set(heavy.hash, remainder);
      addVariants(group, await remainder);
    }
  }

  const owners = new Largest(bySize);
  // One group is open at a time, because the slices are in the order of the owners.
  let current: Group | undefined;
  await throughSlicesUntil(until, { owner: '', hash: '' }, async (place: OwnerPlace, size) => {
    const [slice] = await db.run((sql) => ownerSlice(sql, place, size), { class: 'bulk' });
    const groups = slice?.groups ?? [];
    for (const group of groups) await complete(group);
    for (const group of groups) {
      if (current?.name !== group.owner) {
        if (current) owners.add(current);
        current = { name: group.owner, ...none() };
      }
      add(current, figuresOf(group));
    }
    return slice?.last ?? undefined;
  });
  if (current) owners.add(current);
  return owners;
}

/** A slice of owners begins after this content of this owner. */
interface OwnerPlace {
  owner: string;
  hash: string;
}

/** The figures of an owner within a slice. */
interface OwnerGroup extends OfVariants {
  owner: string;
  contents: number;
  motions: number;
  bytes: number;
  unsized: number;
  heavy: Heavy[];
}

interface OwnerSlice {
  groups: OwnerGroup[];
  last: OwnerPlace | null;
}

/**
 * Counts a slice of the contents of owners, in the order of the owners. A content counts once for an owner, even with
 * several aliases.
 */
export function ownerSlice(sql: Sql, { owner, hash }: OwnerPlace, size: number) {
  return sql<OwnerSlice[]>`
    with named as materialized (
      select owner, hash
      from aliases
      where owner is not null
        and (owner, hash) > (${owner}, decode(${hash}, 'hex'))
      order by owner, hash
      limit ${size}
    ),
    looked_at as materialized (
      select
        slice.owner,
        encode(slice.hash, 'hex') as hash,
        motion_identifier is not null as has_motion,
        content.bytes,
        of_variants.*
      from (select distinct owner, hash from named) as slice
      cross join lateral (
        select motion_identifier, bytes
        from hashes
        where hashes.hash = slice.hash
          and doomed_at is null
        limit 1
      ) as content
      cross join lateral ${ofVariants(sql)} as of_variants
    ),
    counted as (
      select
        owner,
        count(*) as contents,
        count(*) filter (where has_motion) as motions,
        coalesce(sum(bytes), 0) as bytes,
        count(*) - count(bytes) as unsized,
        sum(variants) as variants,
        sum(variant_bytes) as variant_bytes,
        sum(variants_unsized) as variants_unsized,
        coalesce(
          json_agg(json_build_object('hash', hash, 'variant', last)) filter (where last is not null),
          '[]'
        ) as heavy
      from looked_at
      group by owner
    )
    select
      coalesce((select json_agg(counted order by owner) from counted), '[]') as groups,
      (
        select json_build_object('owner', owner, 'hash', encode(hash, 'hex'))
        from named
        where (select count(*) from named) = ${size}
        order by owner desc, named.hash desc
        limit 1
      ) as last`;
}
