import type { Database, Sql } from '../../database/database.js';
import { throughSlicesUntil } from '../slices.js';
import { bytes } from '../values.js';
import { type Heavy, moreVariants, type OfVariants } from './variants-sql.js';

/** Contents with very many variants or aliases, which are read in slices of their own. */

/** Counts the variants of a content after a variant. */
export async function variantsAfter(
  db: Database,
  { hash, variant }: Heavy,
  until: number,
): Promise<OfVariants> {
  const sum = { variants: 0, variant_bytes: 0, variants_unsized: 0 };
  await throughSlicesUntil(until, variant, async (place: string, size) => {
    const [row] = await db.run((sql) => moreVariants(sql, { hash: bytes(hash), variant: place }, size), {
      class: 'bulk',
    });
    if (row) addVariants(sum, row);
    return row?.last ?? undefined;
  });
  return sum;
}

export function addVariants(to: OfVariants, { variants, variant_bytes, variants_unsized }: OfVariants): void {
  to.variants += variants;
  to.variant_bytes += variant_bytes;
  to.variants_unsized += variants_unsized;
}

/** Reads the owners of a content, each once. It stops when there are more than `max`. */
export async function ownersOfContent(
  db: Database,
  hash: string,
  { max, until }: { max: number; until: number },
): Promise<Set<string>> {
  const found = new Set<string>();
  await throughSlicesUntil(until, '', async (place: string, size) => {
    const [row] = await db.run((sql) => moreOwners(sql, { hash: bytes(hash), alias: place }, size), {
      class: 'bulk',
    });
    for (const owner of row?.owners ?? []) found.add(owner);
    return found.size > max ? undefined : (row?.last ?? undefined);
  });
  return found;
}

/** The owners of the next aliases of a content. */
export function moreOwners(sql: Sql, { hash, alias }: { hash: Buffer; alias: string }, size: number) {
  return sql<{ owners: string[]; last: string | null }[]>`
    select
      coalesce(json_agg(distinct owner) filter (where owner is not null), '[]') as owners,
      case when count(*) = ${size} then max(alias) end as last
    from (
      select alias, owner
      from aliases
      where hash = ${hash}
        and alias > ${alias}
      order by alias
      limit ${size}
    ) as looked_at`;
}
