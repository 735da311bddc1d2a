import type { Database } from '../../database/database.js';
import { conflict, notFound } from '../../problems.js';
import { readSeveral } from '../bounded.js';
import type { Enqueuer } from '../enqueue.js';
import { hashRecord, type Included, ITSELF, recordOfHashAt } from '../hash-record.js';
import { type Chunk, keysetStream, type Range, toPage } from '../keyset.js';
import { newestFirst, type PageRange } from '../newest-first.js';
import { bytes } from '../values.js';
import { relateBlurhashStatement } from './blurhash.js';
import { hashCreation, variantCreation } from './creation.js';
import { gatheredReads } from './gathered-reads.js';
import { hashNotFound, identifierUsed } from './refusals.js';
import { CLEANUP_CONFLICTS, cleanupStatement, removeVariantStatement } from './removal.js';
import { sizeStatement } from './size.js';

/** HashRepo of pict-rs: contents by hash, their files and variants. */
export function hashesRepo(db: Database, enqueuer: Enqueuer) {
  const reads = gatheredReads(db);
  const createHash = hashCreation(db);
  const createVariant = variantCreation(db);

  /** Sets the original or motion file of a hash, unless another hash has that file. */
  async function assign(
    column: 'identifier' | 'motion_identifier',
    hash: string,
    identifier: string,
  ): Promise<void> {
    const [row] = await db.run(
      (sql) => sql<{ found: boolean; holder: string | null }[]>`
        with target as materialized (
          select hash
          from hashes
          where hash = ${bytes(hash)}
          for update
        ),
        holder as (
          select hash
          from hashes
          where ${sql(column)} = ${identifier}
            and hash <> ${bytes(hash)}
        ),
        assigned as (
          update hashes
          set ${sql(column)} = ${identifier}
          where hash = any(array(select hash from target))
            and ${sql(column)} is distinct from ${identifier}
            and not exists (select from holder)
        )
        select
          exists (select from target) as found,
          (select encode(hash, 'hex') from holder) as holder`,
      { conflicts: ['hashes_identifier_key', 'hashes_motion_identifier_key'] },
    );
    if (!row?.found) throw hashNotFound(hash);
    if (row.holder !== null) throw identifierUsed(identifier, { hash: row.holder, identifier });
  }

  return {
    /** Counts, or estimates from the planner's statistics in constant time. */
    async size(estimate: boolean): Promise<{ size: number }> {
      const [row] = await db.run((sql) => sizeStatement(sql, estimate), {
        class: estimate ? 'ordinary' : 'bulk',
      });
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

    /** Everything that is known of the hash itself, as JSON. */
    async hash(hash: string): Promise<string> {
      const { record } = await reads.readHash(hash);
      if (record === null) throw hashNotFound(hash);
      return record;
    },

    /** The newest first, as JSON; of each hash what hangs on it is included where that is asked for. */
    page: (range: PageRange, include: readonly Included[]): Promise<string> =>
      newestFirst(
        db,
        'hashes',
        {
          kind: 'hash',
          where: (sql) => sql`true`,
          record: (sql) => hashRecord(sql, [...ITSELF, ...include]),
        },
        range,
      ),

    create: (hash: string, identifier: string, size?: number) =>
      createHash({ hash: hash.toLowerCase(), identifier, bytes: size }),

    /** Keeps the details of the old identifier. */
    updateIdentifier: (hash: string, identifier: string) => assign('identifier', hash, identifier),

    async identifier(hash: string): Promise<{ identifier: string }> {
      const { identifier } = await reads.readIdentifier(hash);
      if (identifier === null) throw hashNotFound(hash);
      return { identifier };
    },

    relateVariantIdentifier: (hash: string, variant: string, identifier: string, size?: number) =>
      createVariant({ hash: hash.toLowerCase(), variant, identifier, bytes: size }),

    /** For each hash its file, or null where there is no such hash; as JSON. */
    identifierMany: (hashes: string[]): Promise<string> =>
      readSeveral(db, hashes.length, (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'identifier'])),

    async variantIdentifier(hash: string, variant: string): Promise<{ identifier: string }> {
      const { identifier } = await reads.readVariantIdentifier({ hash, variant });
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
          order by variant`,
      );
      return { variants };
    },

    /** For each hash its first variants, or null where there is no such hash; as JSON. */
    variantsMany: (hashes: string[]): Promise<string> =>
      readSeveral(db, hashes.length, (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'variants'])),

    /** Also removes its details and its access record. */
    async removeVariant(hash: string, variant: string) {
      const rows = await db.run((sql) => removeVariantStatement(sql, bytes(hash), variant), {
        conflicts: ['variant_accesses_variant_fkey'],
        idempotent: false,
      });
      return { removed: { identifiers: rows.map(({ identifier }) => identifier) } };
    },

    relateMotionIdentifier: (hash: string, identifier: string) =>
      assign('motion_identifier', hash, identifier),

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

    /** Removes the hash and everything that belongs to it. Returns the files that may be deleted now. */
    async cleanup(hash: string, options: { only_if_unreferenced?: boolean; enqueue?: string }) {
      const { enqueue: queue } = options;
      const [row] = await db.run(
        (sql) =>
          cleanupStatement(sql, bytes(hash), options.only_if_unreferenced ?? false, (jobs) =>
            queue === undefined ? undefined : enqueuer.insert(sql, queue, jobs),
          ),
        // Not repeated after a lost connection: a second run could not return what the first one removed.
        { conflicts: CLEANUP_CONFLICTS, idempotent: false },
      );
      const { aliases = [], variants = [], identifiers = [] } = row ?? {};
      if (row?.in_use) throw conflict('hash_in_use', `The hash has ${aliases.length} aliases.`, { aliases });
      if (queue !== undefined && identifiers.length > 0) enqueuer.pushed(queue, identifiers.length);
      return { removed: { aliases, variants, identifiers } };
    },
  };
}

export type HashesRepo = ReturnType<typeof hashesRepo>;
