import type { Sql } from '../../database/database.js';
import { utcTextOf } from '../time-text.js';
import { type OfVariants, ofVariants } from './variants-sql.js';

/** A slice of contents begins after this content. */
export interface ContentPlace {
  at: string;
  hash: string;
}

/** The figures of contents without their variants. */
interface OfContents {
  contents: number;
  motions: number;
  bytes: number;
  unsized: number;
}

/** The contents of a slice with the same format and month. */
export interface ContentGroup extends OfContents, OfVariants {
  /** The byte of the format; null if the hash does not contain one. */
  format: number | null;
  /** Null if it is not known. */
  month: string | null;
  with_variants: number;
}

/** The contents of a slice of which an owner has an alias; the owner is null for contents that nobody owns. */
interface OwnedGroup extends OfContents, OfVariants {
  owner: string | null;
}

/** A content with more variants or aliases than a slice reads. No group includes it. */
export interface HeavyContent extends ContentGroup {
  /** Its hash. */
  heavy: string;
}

interface ContentSlice {
  now: string;
  groups: ContentGroup[];
  /** Null if there are more than MAX_OWNED. A smaller slice has fewer. */
  owned: OwnedGroup[] | null;
  heavy: HeavyContent[];
  last: ContentPlace | null;
}

/** How many aliases of a content its slice reads. */
const MAX_ALIASES = 1000;
/** The most owners in an answer, so that the event loop reads it in a few milliseconds. One content has fewer. */
const MAX_OWNED = 20_000;

/**
 * Counts a slice of the contents in the order of their creation, which is also their order on disk. The variants
 * and aliases of the contents are looked up in the order of the hashes, which is that of the indexes.
 */
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
        row_number() over () as n,
        slice.hash,
        case when created_at > '1970-01-01Z' then date_trunc('month', created_at at time zone 'UTC') end as month,
        has_motion::integer as motions,
        coalesce(slice.bytes, 0) as bytes,
        (slice.bytes is null)::integer as unsized,
        of_variants.*,
        coalesce(owners, array[null]) as owners,
        of_variants.last is not null or has_more_aliases as is_heavy
      from (select hash, created_at, has_motion, bytes from slice order by hash) as slice
      cross join lateral ${ofVariants(sql)} as of_variants
      cross join lateral (
        select array_agg(owner) filter (where owner is not null) as owners, count(*) = ${MAX_ALIASES} as has_more_aliases
        from (select owner from aliases where aliases.hash = slice.hash order by alias limit ${MAX_ALIASES}) as first
      ) as of_aliases
    ),
    counted as (
      select
        case when octet_length(hash) = 39 then get_byte(hash, 38) end as format,
        to_char(month, 'YYYY-MM') as month,
        count(*) as contents,
        sum(motions) as motions,
        count(*) filter (where variants > 0) as with_variants,
        sum(bytes) as bytes,
        sum(unsized) as unsized,
        sum(variants) as variants,
        sum(variant_bytes) as variant_bytes,
        sum(variants_unsized) as variants_unsized,
        case when is_heavy then encode(hash, 'hex') end as heavy
      from looked_at
      group by format, month, heavy
    ),
    owner_of as materialized (
      select distinct n, unnest(owners) as owner
      from looked_at
      where not is_heavy
    ),
    owned as materialized (
      select
        owner,
        count(*) as contents,
        sum(motions) as motions,
        sum(bytes) as bytes,
        sum(unsized) as unsized,
        sum(variants) as variants,
        sum(variant_bytes) as variant_bytes,
        sum(variants_unsized) as variants_unsized
      from owner_of
      join looked_at using (n)
      group by owner
    )
    select
      ${utcTextOf(sql, sql`clock_timestamp()`)} as now,
      coalesce((select json_agg(counted) from counted where heavy is null), '[]') as groups,
      case
        when (select count(*) from owned) <= ${MAX_OWNED} then coalesce((select json_agg(owned) from owned), '[]')
      end as owned,
      coalesce((select json_agg(counted) from counted where heavy is not null), '[]') as heavy,
      (
        select json_build_object(
          'at', ${utcTextOf(sql, sql`created_at`)},
          'hash', encode(hash, 'hex')
        )
        from slice
        where (select count(*) from slice) = ${size}
        order by created_at desc, slice.hash desc
        limit 1
      ) as last`;
}
