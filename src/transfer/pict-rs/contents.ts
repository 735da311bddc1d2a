import { column } from '../../database/column.js';
import { whyNotUsable } from '../file-state.js';
import { runnable } from './part.js';
import { utc } from './source.js';
import { hexOfHash, MAX_IDENTIFIER, MAX_NAME, optionalText, text, time, UNKNOWN_TIME } from './values.js';

interface HashItem {
  hash: string;
  identifier: string;
  motion: string | undefined;
  blurhash: string | undefined;
  createdAt: string;
}

interface HashRow {
  hash: string | null;
  identifier: string | null;
  motion_identifier: string | null;
  blurhash: string | null;
  created_at: string | null;
}

export const hashes = runnable<HashRow, HashItem>({
  table: 'hashes',
  read: ({ sql, has }, sample) => sql<HashRow[]>`
    select
      hash, identifier, motion_identifier, ${utc(sql, 'created_at')} as created_at,
      ${has('hashes', 'blurhash') ? sql`blurhash` : sql`null as blurhash`}
    from hashes
    where ${sample('hash')}`,
  keyOf: ({ hash }) => hash ?? '(null)',
  brings: ({ hash, identifier, motion_identifier }) => [
    `hashes ${hash}`,
    `files ${identifier}`,
    `files ${motion_identifier}`,
  ],
  convert: ({ hash, identifier, motion_identifier, blurhash, created_at }, onRepaired) => {
    const item = {
      hash: hexOfHash(hash),
      identifier: text(identifier, MAX_IDENTIFIER),
      motion: motion_identifier === null ? undefined : text(motion_identifier, MAX_IDENTIFIER),
    };
    // A content is not left behind for what it can do without.
    const known = optionalText(blurhash, MAX_NAME);
    if (blurhash !== null && known === undefined) onRepaired(`the blurhash of ${hash}`, 'left out');
    const createdAt = time(created_at);
    if (createdAt === undefined) onRepaired(`the time of ${hash}`, 'unknown');
    return { ...item, blurhash: known, createdAt: createdAt ?? UNKNOWN_TIME };
  },
  files: ({ identifier, motion }) => (motion === undefined ? [identifier] : [identifier, motion]),
  write: (sql, items, adds) => sql`
    item as materialized (
      select
        n, decode(hash, 'hex') as hash, identifier, nullif(motion_identifier, '') as motion_identifier,
        nullif(blurhash, '') as blurhash, created_at::timestamptz as created_at
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ hash }) => hash)}::text[]) as hash,
          unnest(${items.map(({ identifier }) => identifier)}::text[]) collate "C" as identifier,
          unnest(${column(items, ({ motion }) => motion, '')}::text[]) collate "C" as motion_identifier,
          unnest(${column(items, ({ blurhash }) => blurhash, '')}::text[]) as blurhash,
          unnest(${items.map(({ createdAt }) => createdAt)}::text[]) as created_at
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.hash is not null then
            case
              when known.doomed_at is null
                and known.identifier = item.identifier
                and known.motion_identifier is not distinct from item.motion_identifier
              then 'existing'
              else 'differs'
            end
          else coalesce(
            ${whyNotUsable(sql, sql`item.identifier`)},
            ${whyNotUsable(sql, sql`item.motion_identifier`)},
            case when item.identifier = item.motion_identifier then 'identifier_used' end,
            'new'
          )
        end as verdict
      from item
      left join hashes as known on known.hash = item.hash
    ),
    added as (
      insert into hashes (hash, identifier, motion_identifier, blurhash, created_at)
      select hash, identifier, motion_identifier, blurhash, created_at
      from judged
      where verdict = 'new' and ${adds}
      order by hash
      on conflict do nothing
      returning hash
    )`,
});

interface VariantItem {
  hash: string;
  variant: string;
  identifier: string;
  accessed: string;
  isOrphan: boolean;
}

interface VariantRow {
  hash: string | null;
  variant: string | null;
  identifier: string | null;
  accessed: string | null;
  is_orphan: boolean;
}

export const variants = runnable<VariantRow, VariantItem>({
  table: 'variants',
  read: ({ sql, has }, sample, isAlone) => sql<VariantRow[]>`
    select
      hash, variant, identifier,
      ${has('variants', 'accessed') ? utc(sql, 'accessed') : sql`null`} as accessed,
      ${isAlone ? sql`not exists (select from hashes where hashes.hash = variants.hash)` : sql`true`} as is_orphan
    from variants
    where ${sample('identifier')}`,
  keyOf: ({ hash, variant }) => `${hash} ${variant}`,
  needs: ({ hash }) => ({ name: `hashes ${hash}` }),
  brings: ({ identifier }) => [`files ${identifier}`],
  convert: ({ hash, variant, identifier, accessed, is_orphan }) => ({
    hash: hexOfHash(hash),
    variant: text(variant, MAX_IDENTIFIER),
    identifier: text(identifier, MAX_IDENTIFIER),
    // A row without a recorded access counts as old.
    accessed: time(accessed) ?? '-infinity',
    isOrphan: is_orphan,
  }),
  files: ({ identifier }) => [identifier],
  write: (sql, items, adds) => sql`
    item as materialized (
      select
        n, decode(hash, 'hex') as hash, variant, identifier, accessed::timestamptz as accessed, is_orphan = 1 as is_orphan
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ hash }) => hash)}::text[]) as hash,
          unnest(${items.map(({ variant }) => variant)}::text[]) collate "C" as variant,
          unnest(${items.map(({ identifier }) => identifier)}::text[]) collate "C" as identifier,
          unnest(${items.map(({ accessed }) => accessed)}::text[]) as accessed,
          unnest(${items.map(({ isOrphan }) => Number(isOrphan))}::smallint[]) as is_orphan
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.hash is not null then
            case when known.identifier = item.identifier then 'existing' else 'differs' end
          when item.is_orphan
            and (select true from hashes where hashes.hash = item.hash and doomed_at is null) is null
          then 'orphan'
          else coalesce(
            ${whyNotUsable(sql, sql`item.identifier`)},
            'new'
          )
        end as verdict
      from item
      left join variants as known on known.hash = item.hash and known.variant = item.variant
    ),
    added as (
      insert into variants (hash, variant, identifier, idle_since)
      select hash, variant, identifier, accessed
      from judged
      where verdict = 'new' and ${adds}
      order by hash, variant
      on conflict do nothing
      returning true
    ),
    accessed as (
      insert into variant_accesses as known (hash, variant, accessed)
      select hash, variant, max(accessed)
      from judged
      where accessed > '-infinity'
        and ${adds}
        and verdict in ('new', 'existing')
      group by hash, variant
      order by hash, variant
      on conflict (hash, variant) do update
        set accessed = excluded.accessed
        where known.accessed < excluded.accessed
    )`,
});
