import type { Database } from '../../database/database.js';
import { conflict, notFound } from '../../problems.js';
import type { Enqueuer } from '../enqueue.js';
import { type Chunk, keysetStream, type PageRow, type Range, toPage } from '../keyset.js';
import { bytes } from '../values.js';
import { hashCreation, variantCreation } from './creation.js';
import { gatheredReads } from './gathered-reads.js';
import { hashNotFound, identifierUsed } from './refusals.js';
import { CLEANUP_CONFLICTS, cleanupStatement, removeVariantStatement } from './removal.js';

/** HashRepo of pict-rs: contents by hash, their files and variants. */
export function hashesRepo(db: Database, enqueuer: Enqueuer) {
  const { readIdentifier, readVariantIdentifier, readMotionIdentifier } = gatheredReads(db);
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
            : sql<{ size: number }[]>`select count(*) as size from hashes`,
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
              (sql) => sql<PageRow[]>`
                with page as materialized (
                  select encode(hash, 'hex') as hash
                  from hashes
                  where hash > ${bytes(after)}::bytea
                  order by hashes.hash
                  limit ${size}
                )
                select
                  string_agg('{"hash":"' || hash || E'"}\\n', '' order by hash collate "C") as lines,
                  count(*)::integer as count,
                  max(hash collate "C") as last
                from page`,
              { class: 'bulk' },
            ),
          ),
        range,
      );
    },

    create: (hash: string, identifier: string) => createHash({ hash: hash.toLowerCase(), identifier }),

    /** Keeps the details of the old identifier. */
    updateIdentifier: (hash: string, identifier: string) => assign('identifier', hash, identifier),

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

    relateMotionIdentifier: (hash: string, identifier: string) =>
      assign('motion_identifier', hash, identifier),

    async motionIdentifier(hash: string): Promise<{ identifier: string }> {
      const { found, identifier } = await readMotionIdentifier(hash);
      if (!found) throw hashNotFound(hash);
      if (identifier === null)
        throw notFound('motion_identifier_not_found', 'The hash has no motion identifier.');
      return { identifier };
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
      if (queue !== undefined && identifiers.length > 0) enqueuer.wake(queue);
      return { removed: { aliases, variants, identifiers } };
    },
  };
}

export type HashesRepo = ReturnType<typeof hashesRepo>;
