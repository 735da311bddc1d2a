import type { Static } from 'typebox';
import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { notFound } from '../../problems.js';
import { splitVariantKey } from '../access.js';
import { isLive, isLiveRow } from '../doomed.js';
import { type Chunk, keysetStream, type Range, type ReadPage, toPage } from '../keyset.js';
import { utcText } from '../time-text.js';
import { bytes, utcOf, type VariantKey } from '../values.js';
import type { VariantAccess } from './schema.js';

type Line = Static<typeof VariantAccess>;

interface Access extends VariantKey {
  /** RFC 3339 in UTC; null means now. */
  at: string | null;
}

/** VariantAccessRepo of pict-rs: when a variant was last requested. */
export function variantAccessRepo(db: Database, granularitySeconds: number) {
  const writes = new Coalescer<Access, boolean>({
    run: writeAccesses,
    lockOf: ({ hash, variant }) => `${hash} ${variant}`,
  });

  const readAccessed = gatheredRead(
    db,
    (sql, keys: VariantKey[]) => sql<{ accessed: string | null }[]>`
      select (
        select ${utcText(sql, 'accessed')}
        from variant_accesses
        where hash = decode(asked.hash, 'hex')
          and variant = asked.variant
          and ${isLive(sql, sql`variant_accesses.hash`)}
      ) as accessed
      from unnest(
        ${keys.map(({ hash }) => hash)}::text[],
        ${keys.map(({ variant }) => variant)}::text[]
      ) with ordinality as asked (hash, variant, n)
      order by n`,
    { sizeOf: ({ variant }) => variant.length },
  );

  /** As in alias-access: locks parents before children, both in the order of their keys, and then reads the clock. */
  async function writeAccesses(accesses: Access[], lockTimeout: LockTimeout): Promise<boolean[]> {
    const rows = await db.run(
      (sql) => sql<{ hash: string; variant: string }[]>`
        with asked as (
          select decode(hash, 'hex') as hash, variant, max(at) as at, bool_or(at = 'infinity') as is_now
          from unnest(
            ${accesses.map(({ hash }) => hash)}::text[],
            ${accesses.map(({ variant }) => variant)}::text[],
            ${accesses.map(({ at }) => at ?? 'infinity')}::text[]::timestamptz[]
          ) as access (hash, variant, at)
          group by 1, variant
        ),
        parent as materialized (
          select variants.hash, variants.variant
          from asked
          join variants on variants.hash = asked.hash and variants.variant = asked.variant
          where ${withinLockTimeout(sql, lockTimeout)}
            and ${isLive(sql, sql`variants.hash`)}
          order by variants.hash, variants.variant
          for key share of variants
        ),
        written as (
          insert into variant_accesses as stored (hash, variant, accessed)
          select
            parent.hash,
            parent.variant,
            case when is_now then clock_timestamp() else least(at, clock_timestamp()) end
          from parent
          join asked on asked.hash = parent.hash and asked.variant = parent.variant
          where not (is_now and exists (
            select
            from variant_accesses as fresh
            where fresh.hash = parent.hash
              and fresh.variant = parent.variant
              and fresh.accessed > clock_timestamp() - make_interval(secs => ${granularitySeconds})
          ))
          order by parent.hash, parent.variant
          on conflict (hash, variant) do update
            set accessed = excluded.accessed
            where stored.accessed < excluded.accessed
        )
        select encode(hash, 'hex') as hash, variant
        from parent`,
      { conflicts: ['variant_accesses_variant_fkey'] },
    );
    const known = new Set(rows.map(({ hash, variant }) => `${hash} ${variant}`));
    return accesses.map(({ hash, variant }) => known.has(`${hash} ${variant}`));
  }

  function readOlder(olderThan: string): ReadPage {
    return async (after, size, signal) => {
      const key = after === undefined ? undefined : splitVariantKey(after);
      return toPage(
        await db.run(
          (sql) =>
            sql`
            select
              '{"hash":"' || string_agg(
                hash || '","variant":' || to_json(variant)::text || ',"accessed":"' || accessed,
                E'"}\\n{"hash":"'
              ) || E'"}\\n',
              count(*)
            from (
              select encode(hash, 'hex') as hash, variant, ${utcText(sql, 'accessed')}
              from variant_accesses
              where accessed < ${olderThan}::text::timestamptz
                and ${isLiveRow(sql)}
                and (accessed, hash, variant) > (
                  ${key?.accessed ?? '-infinity'}::text::timestamptz,
                  ${bytes(key?.hash ?? '')}::bytea,
                  ${key?.variant ?? ''}::text
                )
              order by variant_accesses.accessed, variant_accesses.hash, variant
              limit ${size}
            ) as page`.raw(),
          { class: 'bulk', signal },
        ),
        ({ accessed, hash, variant }: Line) => `${accessed},${hash},${variant}`,
      );
    };
  }

  return {
    /** Records an access. A stored time never moves backwards. */
    async accessed(hash: string, variant: string, at: string | undefined): Promise<void> {
      const known = await writes.call({
        hash: hash.toLowerCase(),
        variant,
        at: at === undefined ? null : utcOf(at),
      });
      if (!known) throw notFound('variant_not_found', `The hash has no variant "${variant}".`);
    },

    async containsVariant(hash: string, variant: string): Promise<{ contains: boolean; accessed?: string }> {
      const { accessed } = await readAccessed({ hash, variant });
      return accessed === null ? { contains: false } : { contains: true, accessed };
    },

    /** Streams the variants whose last access is before a time, oldest first. */
    olderVariants(olderThan: string, range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(readOlder(utcOf(olderThan)), range);
    },

    async removeAccess(hash: string, variant: string): Promise<void> {
      await db.run(
        (sql) => sql`
          delete from variant_accesses
          where hash = ${bytes(hash)}
            and variant = ${variant}`,
      );
    },
  };
}

export type VariantAccessRepo = ReturnType<typeof variantAccessRepo>;
