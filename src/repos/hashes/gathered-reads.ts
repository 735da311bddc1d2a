import type { Database } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { isLive } from '../doomed.js';
import { hashRecord, OWN_MEMBERS } from '../hash-record.js';
import type { VariantKey } from '../values.js';

interface Found {
  identifier: string | null;
}

const record = constant((sql) => hashRecord(sql, OWN_MEMBERS));

/** The reads that image views need. Concurrent calls share statements. */
export function gatheredReads(db: Database) {
  return {
    /** The record is JSON text. */
    readHash: gatheredRead(
      db,
      (sql, hashes: string[]) => sql<{ record: string | null }[]>`
        select (select ${record(sql)} from hashes where hash = decode(asked.hash, 'hex') and doomed_at is null) as record
        from unnest(${hashes}::text[]) with ordinality as asked (hash, n)
        order by n`,
    ),

    readIdentifier: gatheredRead(
      db,
      (sql, hashes: string[]) => sql<Found[]>`
        select (select identifier from hashes where hash = decode(asked.hash, 'hex') and doomed_at is null) as identifier
        from unnest(${hashes}::text[]) with ordinality as asked (hash, n)
        order by n`,
    ),

    readVariantIdentifier: gatheredRead(
      db,
      (sql, keys: VariantKey[]) => sql<Found[]>`
        select (
          select identifier
          from variants
          where hash = decode(asked.hash, 'hex')
            and variant = asked.variant
            and ${isLive(sql, sql`variants.hash`)}
        ) as identifier
        from unnest(
          ${keys.map(({ hash }) => hash)}::text[],
          ${keys.map(({ variant }) => variant)}::text[]
        ) with ordinality as asked (hash, variant, n)
        order by n`,
      { sizeOf: ({ variant }) => variant.length },
    ),

    readMotionIdentifier: gatheredRead(
      db,
      (sql, hashes: string[]) => sql<(Found & { found: true | null })[]>`
        select found, identifier
        from unnest(${hashes}::text[]) with ordinality as asked (hash, n)
        left join lateral (
          select true as found, motion_identifier as identifier
          from hashes
          where hashes.hash = decode(asked.hash, 'hex')
            and doomed_at is null
          limit 1
        ) as stored on true
        order by n`,
    ),

    readBlurhash: gatheredRead(
      db,
      (sql, hashes: string[]) => sql<{ found: true | null; blurhash: string | null }[]>`
        select found, blurhash
        from unnest(${hashes}::text[]) with ordinality as asked (hash, n)
        left join lateral (
          select true as found, blurhash
          from hashes
          where hashes.hash = decode(asked.hash, 'hex')
            and doomed_at is null
          limit 1
        ) as stored on true
        order by n`,
    ),
  };
}
