import type { Fragment, Sql } from '../../database/database.js';

/** The figures of the variants of some contents. */
export interface OfVariants {
  variants: number;
  variant_bytes: number;
  variants_unsized: number;
}

/** A content with more variants than a slice reads. */
export interface Heavy {
  hash: string;
  /** The last variant that was read. */
  variant: string;
}

/** How many variants of a content its slice reads. The others are read in slices of their own. */
const MAX_VARIANTS = 1000;

/** A lateral subquery that counts the variants of `slice.hash`. `last` is set if there may be more of them. */
export function ofVariants(sql: Sql): Fragment {
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

/** Counts the next variants of a content. */
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
