import type { Database, Sql } from '../../database/database.js';
import { notFound } from '../../problems.js';
import { isLive, isLiveRow } from '../doomed.js';
import type { Enqueuer } from '../enqueue.js';
import { FILE_CONFLICTS } from '../file-owner.js';
import { hashRecord, type Included, OWN_MEMBERS, recordOfHashAt } from '../hash-record.js';
import { type Chunk, keysetStream, type Range, toPage } from '../keyset.js';
import { MAX_LISTED } from '../lists.js';
import { newestFirst } from '../newest-first.js';
import type { PageRange } from '../page-range.js';
import { readSeveral } from '../read-several.js';
import { bytes } from '../values.js';
import { relateBlurhashStatement } from './blurhash.js';
import { cleanupOf } from './cleanup.js';
import { type Filters, filteredPage, isFiltered } from './filtered-page.js';
import { gatheredReads } from './gathered-reads.js';
import { hashCreation } from './hash-creation.js';
import { hashNotFound, identifierCondemned, identifierUsed } from './refusals.js';
import { removeVariantStatement } from './remove-variant.js';
import { REPLACEMENT_CONFLICTS, type Replacement, replacementStatement } from './replacement.js';
import { sizeStatement } from './size.js';
import { variantCreation } from './variant-creation.js';

interface ReplaceOptions {
  keep_details?: boolean;
  enqueue?: string;
}

/** HashRepo of pict-rs: contents by hash, their files and variants. */
export function hashesRepo(db: Database, enqueuer: Enqueuer) {
  const reads = gatheredReads(db);
  const createHash = hashCreation(db);
  const createVariant = variantCreation(db);

  const cleanup = cleanupOf(db, enqueuer);

  /** Gives a hash another original or motion file, and returns the old one if it may be deleted now. */
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
          enqueuer.into(sql, queue),
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
    /** Counts the hashes, or estimates their number from the planner's statistics in constant time. */
    async size(estimate: boolean, signal?: AbortSignal): Promise<{ size: number }> {
      const [row] = await db.run((sql) => sizeStatement(sql, estimate), {
        class: estimate ? 'ordinary' : 'bulk',
        signal,
      });
      return { size: row?.size ?? 0 };
    },

    /** Streams all hashes in the order of their bytes. */
    hashes(range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(
        async (after = '', size, signal) =>
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
              { class: 'bulk', signal },
            ),
            ({ hash }: { hash: string }) => hash,
          ),
        range,
      );
    },

    /** The record of a hash, as JSON. */
    async hash(hash: string): Promise<string> {
      const { record } = await reads.readHash(hash);
      if (record === null) throw hashNotFound(hash);
      return record;
    },

    /** A page of hashes, the newest first, as JSON. `include` adds aliases, details and variants. */
    page(range: PageRange & Filters, include: readonly Included[]): Promise<string> {
      const record = (sql: Sql) => hashRecord(sql, [...OWN_MEMBERS, ...include]);
      return isFiltered(range)
        ? filteredPage(db, range, range, record)
        : newestFirst(db, 'hashes', { kind: 'hash', where: (sql) => sql`doomed_at is null`, record }, range);
    },

    create: (hash: string, identifier: string, size?: number) =>
      createHash({ hash: hash.toLowerCase(), identifier, bytes: size }),

    updateIdentifier: (hash: string, identifier: string, options: ReplaceOptions) =>
      replace('identifier', hash, identifier, options),

    async identifier(hash: string): Promise<{ identifier: string }> {
      const { identifier } = await reads.readIdentifier(hash);
      if (identifier === null) throw hashNotFound(hash);
      return { identifier };
    },

    relateVariantIdentifier: (hash: string, variant: string, identifier: string, size?: number) =>
      createVariant({ hash: hash.toLowerCase(), variant, identifier, bytes: size }),

    /** For each hash its file, or null if the hash does not exist; as JSON. */
    identifierMany: (hashes: string[], signal?: AbortSignal): Promise<string> =>
      readSeveral(
        db,
        hashes.length,
        (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'identifier']),
        signal,
      ),

    async variantIdentifier(hash: string, variant: string): Promise<{ identifier: string }> {
      const { identifier } = await reads.readVariantIdentifier({ hash, variant });
      if (identifier === null) throw notFound('variant_not_found', `The hash has no variant "${variant}".`);
      return { identifier };
    },

    /**
     * The variants of a hash, in the order of their bytes; empty for an unknown hash. `next` is set if there are more.
     */
    async variants(hash: string, { after = '', limit = MAX_LISTED }: Range = {}) {
      const variants = await db.run(
        (sql) => sql<{ variant: string; identifier: string }[]>`
          select variant, identifier
          from variants
          where hash = ${bytes(hash)}
            and variant > ${after}
            and ${isLive(sql, sql`variants.hash`)}
          order by variant
          limit ${limit + 1}`,
      );
      const more = variants.length > limit;
      if (more) variants.length = limit;
      return { variants, ...(more && { next: variants.at(-1)?.variant ?? '' }) };
    },

    /** For each hash its first variants, or null if the hash does not exist; as JSON. */
    variantsMany: (hashes: string[]): Promise<string> =>
      readSeveral(db, hashes.length, (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'variants'])),

    /** Removes a variant with its access record and the details of its file. */
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
      const { found, identifier } = await reads.readMotionIdentifier(hash);
      if (!found) throw hashNotFound(hash);
      if (identifier === null)
        throw notFound('motion_identifier_not_found', 'The hash has no motion identifier.');
      return { identifier };
    },

    async relateBlurhash(hash: string, blurhash: string): Promise<void> {
      const [row] = await db.run((sql) => relateBlurhashStatement(sql, bytes(hash), blurhash));
      if (!row?.found) throw hashNotFound(hash);
    },

    async blurhash(hash: string): Promise<{ blurhash: string }> {
      const { found, blurhash } = await reads.readBlurhash(hash);
      if (!found) throw hashNotFound(hash);
      if (blurhash === null) throw notFound('blurhash_not_found', 'The hash has no blurhash.');
      return { blurhash };
    },

    /**
     * Removes a hash with everything that belongs to it, and returns the files that may be deleted now. `more` says
     * that there is too much for one statement: the hash is doomed, and is removed in the background.
     */
    cleanup,
  };
}

export type HashesRepo = ReturnType<typeof hashesRepo>;
