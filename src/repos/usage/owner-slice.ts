import type { Sql } from '../../database/database.js';
import { type Heavy, type OfVariants, ofVariants } from './variants-sql.js';

/** A slice of owners begins after this content of this owner. */
export interface OwnerPlace {
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
