import type { Fragment, Sql } from '../../database/database.js';

/** What the variants of some contents have. */
export interface OfVariants {
  variants: number;
  variant_bytes: number;
  variants_unsized: number;
}

/** A content with more variants than a slice looks at. */
export interface Heavy {
  hash: string;
  /** The last one that was looked at. */
  variant: string;
}

/** How many variants of a content are looked at with it. Further ones have slices of their own. */
const MAX_VARIANTS = 1000;

/** A lateral subquery on the variants of `slice.hash`; `last` is set where there may be more of them. */
function ofVariants(sql: Sql): Fragment {
  return sql`(
    select
      count(*) as variants,
      coalesce(sum(bytes), 0) as variant_bytes,
      count(*) - count(bytes) as variants_unsized,
      case when count(*) = ${MAX_VARIANTS} then max(variant) end as last
    from (
      select variant, bytes
      from variants
      where variants.hash = slice.hash
      order by variant
      limit ${MAX_VARIANTS}
    ) as looked_at
  )`;
}

/** The next variants of a content. */
export function moreVariants(sql: Sql, { hash, variant }: { hash: Buffer; variant: string }, size: number) {
  return sql<(OfVariants & { last: string | null })[]>`
    select
      count(*) as variants,
      coalesce(sum(bytes), 0) as variant_bytes,
      count(*) - count(bytes) as variants_unsized,
      case when count(*) = ${size} then max(variant) end as last
    from (
      select variant, bytes
      from variants
      where hash = ${hash}
        and variant > ${variant}
      order by variant
      limit ${size}
    ) as looked_at`;
}

/** Where a slice of contents begins: after this one. */
export interface ContentPlace {
  at: string;
  hash: string;
}

/** The contents of a slice that have a format, a month of creation, and an owner or none. */
export interface ContentGroup extends OfVariants {
  /** The byte of the format; null where the hash tells none. */
  format: number | null;
  month: string | null;
  has_owner: boolean;
  contents: number;
  motions: number;
  with_variants: number;
  bytes: number;
  unsized: number;
  heavy: Heavy[];
}

interface ContentSlice {
  now: string;
  groups: ContentGroup[];
  last: ContentPlace | null;
}

/** How many aliases of a content are looked at for an owner. */
const MAX_ALIASES = 1000;

/** A slice of the contents in the order of their creation, in which they are in the table too. */
export function contentSlice(sql: Sql, { at, hash }: ContentPlace, size: number) {
  return sql<ContentSlice[]>`
    with slice as materialized (
      select hash, created_at, motion_identifier is not null as has_motion, bytes
      from hashes
      where (created_at, hash) > (${at}::text::timestamptz, decode(${hash}, 'hex'))
        and doomed_at is null
      order by created_at, hash
      limit ${size}
    ),
    looked_at as materialized (
      select
        encode(hash, 'hex') as hash,
        case when octet_length(hash) = 39 then get_byte(hash, 38) end as format,
        case when created_at > '1970-01-01Z' then to_char(created_at at time zone 'UTC', 'YYYY-MM') end as month,
        coalesce(has_owner, false) as has_owner,
        has_motion,
        bytes,
        of_variants.*
      from slice
      cross join lateral ${ofVariants(sql)} as of_variants
      cross join lateral (
        select bool_or(owner is not null) as has_owner
        from (select owner from aliases where aliases.hash = slice.hash order by alias limit ${MAX_ALIASES}) as first
      ) as of_aliases
    ),
    counted as (
      select
        format,
        month,
        has_owner,
        count(*) as contents,
        count(*) filter (where has_motion) as motions,
        count(*) filter (where variants > 0) as with_variants,
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
      group by format, month, has_owner
    )
    select
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now,
      coalesce((select json_agg(counted) from counted), '[]') as groups,
      (
        select json_build_object(
          'at', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'hash', encode(hash, 'hex')
        )
        from slice
        where (select count(*) from slice) = ${size}
        order by created_at desc, slice.hash desc
        limit 1
      ) as last`;
}

/** Where a slice of owners begins: after this content of this owner. */
export interface OwnerPlace {
  owner: string;
  hash: string;
}

/** What an owner has in a slice. */
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

/** A slice of the contents of owners, in the order of the owners, each content once however many aliases it has there. */
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
