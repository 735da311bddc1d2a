import type { Database, Fragment, Sql } from '../../database/database.js';
import { notFound } from '../../problems.js';
import { isLive, isLiveRow } from '../doomed.js';
import type { Enqueuer } from '../enqueue.js';
import { FILE_CONFLICTS } from '../file-owner.js';
import { type Chunk, keysetStream, type Range, toPage } from '../keyset.js';
import { bytes } from '../values.js';
import { cleanupOf } from './cleanup.js';
import { hashCreation, variantCreation } from './creation.js';
import { gatheredReads } from './gathered-reads.js';
import { hashNotFound, identifierCondemned, identifierUsed } from './refusals.js';
import { removeVariantStatement } from './removal.js';
import { REPLACEMENT_CONFLICTS, type Replacement, replacementStatement } from './replacement.js';

interface ReplaceOptions {
  keep_details?: boolean;
  enqueue?: string;
}

/** HashRepo of pict-rs: contents by hash, their files and variants. */
export function hashesRepo(db: Database, enqueuer: Enqueuer) {
  const { readIdentifier, readVariantIdentifier, readMotionIdentifier } = gatheredReads(db);
  const createHash = hashCreation(db);
  const createVariant = variantCreation(db);

  const cleanup = cleanupOf(db, enqueuer);

  function enqueueTo(sql: Sql, queue: string | undefined): (jobs: Fragment) => Fragment | undefined {
    return (jobs) => (queue === undefined ? undefined : enqueuer.insert(sql, queue, jobs));
  }

  /** Gives a hash another original or motion file, and returns the one that may be deleted now. */
  async function replace(
    column: Replacement['column'],
    hash: string,
    identifier: string,
    { keep_details: keepDetails = false, enqueue: queue }: ReplaceOptions,
  ) {
    const [row] = await db.run(
      (sql) =>
        replacementStatement(
          sql,
          { column, hash: bytes(hash), identifier, keepDetails },
          enqueueTo(sql, queue),
        ),
      // Not repeated after a lost connection: a second run could not return what the first one replaced.
      { conflicts: [...FILE_CONFLICTS, ...REPLACEMENT_CONFLICTS], idempotent: false },
    );
    if (!row?.found) throw hashNotFound(hash);
    if (row.outcome === 'condemned') throw identifierCondemned(identifier);
    if (row.outcome === 'taken')
      throw identifierUsed(identifier, { hash: row.hash ?? '', variant: row.variant ?? '' });
    if (queue !== undefined && row.replaced !== null) enqueuer.pushed(queue, 1);
    return { removed: { identifiers: row.replaced === null ? [] : [row.replaced] } };
  }

  return {
    /** Counts, or estimates from the planner's statistics in constant time. */
    async size(estimate: boolean): Promise<{ size: number }> {
      const [row] = await db.run(
        (sql) =>
          estimate
            ? // Pages times rows per page: as last analyzed, or else as counted in the first 128 pages.
              sql<{ size: number }[]>`
              select
                case
                  when pages = 0 then 0
                  when reltuples >= 0 and relpages > 0 then round(reltuples::float8 / relpages * pages)
                  else round(
                    (select count(*) from hashes where ctid < '(128,0)'::tid)::float8 / least(pages, 128) * pages
                  )
                end::bigint as size
              from (
                select
                  reltuples,
                  relpages,
                  pg_relation_size(oid) / current_setting('block_size')::integer as pages
                from pg_class
                where oid = 'hashes'::regclass
              ) as statistics`
            : sql<{ size: number }[]>`
              select
                (select count(*) from hashes)
                - (select count(*) from hashes where doomed_at > '-infinity') as size`,
        { class: estimate ? 'ordinary' : 'bulk' },
      );
      return { size: row?.size ?? 0 };
    },

    /** Streams all hashes in the order of their bytes. */
    hashes(range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(
        async (after = '', size) =>
          toPage(
            await db.run(
              (sql) =>
                sql`
                select '{"hash":"' || string_agg(encode(hash, 'hex'), E'"}\\n{"hash":"') || E'"}\\n', count(*)
                from (
                  select hash
                  from hashes
                  where hash > ${bytes(after)}::bytea
                    and ${isLiveRow(sql)}
                  order by hash
                  limit ${size}
                ) as page`.raw(),
              { class: 'bulk' },
            ),
            ({ hash }: { hash: string }) => hash,
          ),
        range,
      );
    },

    create: (hash: string, identifier: string) => createHash({ hash: hash.toLowerCase(), identifier }),

    updateIdentifier: (hash: string, identifier: string, options: ReplaceOptions) =>
      replace('identifier', hash, identifier, options),

    async identifier(hash: string): Promise<{ identifier: string }> {
      const { identifier } = await readIdentifier(hash);
      if (identifier === null) throw hashNotFound(hash);
      return { identifier };
    },

    relateVariantIdentifier: (hash: string, variant: string, identifier: string) =>
      createVariant({ hash: hash.toLowerCase(), variant, identifier }),

    async variantIdentifier(hash: string, variant: string): Promise<{ identifier: string }> {
      const { identifier } = await readVariantIdentifier({ hash, variant });
      if (identifier === null) throw notFound('variant_not_found', `The hash has no variant "${variant}".`);
      return { identifier };
    },

    /** Returns them in the order of their bytes; none for an unknown hash. */
    async variants(hash: string): Promise<{ variants: { variant: string; identifier: string }[] }> {
      const variants = await db.run(
        (sql) => sql<{ variant: string; identifier: string }[]>`
          select variant, identifier
          from variants
          where hash = ${bytes(hash)}
            and ${isLive(sql, sql`variants.hash`)}
          order by variant`,
      );
      return { variants };
    },

    /** Also removes its details and its access record. */
    async removeVariant(hash: string, variant: string) {
      const rows = await db.run((sql) => removeVariantStatement(sql, bytes(hash), variant), {
        conflicts: ['variant_accesses_variant_fkey'],
        idempotent: false,
      });
      return { removed: { identifiers: rows.map(({ identifier }) => identifier) } };
    },

    relateMotionIdentifier: (hash: string, identifier: string, options: ReplaceOptions) =>
      replace('motion_identifier', hash, identifier, options),

    async motionIdentifier(hash: string): Promise<{ identifier: string }> {
      const { found, identifier } = await readMotionIdentifier(hash);
      if (!found) throw hashNotFound(hash);
      if (identifier === null)
        throw notFound('motion_identifier_not_found', 'The hash has no motion identifier.');
      return { identifier };
    },

    /**
     * Removes the hash and everything that belongs to it. Returns the files that may be deleted now. Where there is more
     * than one statement may remove, it is doomed, and goes afterwards: `more`.
     */
    cleanup,
  };
}

export type HashesRepo = ReturnType<typeof hashesRepo>;
