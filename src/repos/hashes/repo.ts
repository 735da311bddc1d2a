import type { Database } from '../../database/database.js';
import { type Chunk, keysetStream } from '../../http/keyset-stream.js';
import { conflict, notFound } from '../../problems.js';
import { type PageRow, toPage } from '../keyset.js';
import { bytes } from '../values.js';
import { createStatement, type Outcome, relateVariantStatement } from './creation.js';
import { CLEANUP_RIVALS, cleanupStatement, removeVariantStatement } from './removal.js';

/** What of the queue a cleanup needs. */
export interface CleanupQueue {
  maxAttempts: number;
  wake(queue: string): void;
}

/** The plan's HashRepo: contents by hash, their files and variants. */
export function hashesRepo(db: Database, queue: CleanupQueue) {
  /** Gives a hash another original or motion file, unless another hash has it. */
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
      { rivals: ['hashes_identifier_key', 'hashes_motion_identifier_key'] },
    );
    if (!row?.found) throw hashNotFound(hash);
    if (row.holder !== null) throw identifierUsed(identifier, { hash: row.holder, identifier });
  }

  return {
    /** Counted, or estimated from the planner's statistics in constant time. */
    async size(estimate: boolean): Promise<{ size: number }> {
      const [row] = await db.run(
        (sql) =>
          estimate
            ? // Rows per page as last analyzed, or in the first pages where that never was, times the pages.
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

    /** All hashes in the order of their bytes. */
    hashes(page: { after?: string; limit?: number }): Promise<AsyncIterable<Chunk>> {
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
        page.after,
        page.limit,
      );
    },

    async create(hash: string, identifier: string) {
      const rows = await db.run((sql) => createStatement(sql, bytes(hash), identifier), {
        again: (found) => found.length === 0,
      });
      const record = { hash: hash.toLowerCase(), identifier };
      if (rows.some(({ created }) => created)) return { created: true, record };
      const standing = rows.find(({ hash: other, created }) => !created && other === record.hash);
      if (standing && standing.identifier !== identifier) {
        throw conflict(
          'hash_already_exists',
          `The hash stands with "${standing.identifier}".`,
          identity(standing),
        );
      }
      const holder = rows.find(({ created }) => !created);
      if (holder && !standing) throw identifierUsed(identifier, identity(holder));
      return { created: standing === undefined, record };
    },

    /** The details of the old identifier stay. */
    updateIdentifier: (hash: string, identifier: string) => assign('identifier', hash, identifier),

    async identifier(hash: string): Promise<{ identifier: string }> {
      const [row] = await db.run(
        (sql) => sql<{ identifier: string }[]>`select identifier from hashes where hash = ${bytes(hash)}`,
      );
      if (!row) throw hashNotFound(hash);
      return row;
    },

    async relateVariantIdentifier(hash: string, variant: string, identifier: string) {
      const rows = await db.run((sql) => relateVariantStatement(sql, bytes(hash), variant, identifier), {
        again: (found) => found.length === 0,
      });
      const record = { hash: hash.toLowerCase(), variant, identifier };
      if (rows.some(({ outcome }) => outcome === 'created')) return { created: true, record };
      const isSame = (row: Outcome) => row.hash === record.hash && row.variant === variant;
      const standing = rows.find((row) => row.outcome === 'standing' && isSame(row));
      if (standing && standing.identifier !== identifier) {
        const { hash, variant, identifier } = standing;
        throw conflict('variant_already_exists', `The variant stands with "${identifier}".`, {
          hash,
          variant,
          identifier,
        });
      }
      const holder = rows.find(({ outcome }) => outcome === 'standing');
      if (holder && !standing) {
        throw identifierUsed(identifier, { hash: holder.hash, variant: holder.variant, identifier });
      }
      if (rows.some(({ outcome }) => outcome === 'orphan')) throw hashNotFound(hash);
      return { created: standing === undefined, record };
    },

    async variantIdentifier(hash: string, variant: string): Promise<{ identifier: string }> {
      const [row] = await db.run(
        (sql) => sql<{ identifier: string }[]>`
          select identifier
          from variants
          where hash = ${bytes(hash)}
            and variant = ${variant}`,
      );
      if (!row) throw notFound('variant_not_found', `The hash has no variant "${variant}".`);
      return row;
    },

    /** In the order of the variants' bytes; none for an unknown hash. */
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

    /** Its details and its access record go with it. */
    async removeVariant(hash: string, variant: string) {
      const rows = await db.run((sql) => removeVariantStatement(sql, bytes(hash), variant), {
        rivals: ['variant_accesses_variant_fkey'],
        repeatable: false,
      });
      return { removed: { identifiers: rows.map(({ identifier }) => identifier) } };
    },

    relateMotionIdentifier: (hash: string, identifier: string) =>
      assign('motion_identifier', hash, identifier),

    async motionIdentifier(hash: string): Promise<{ identifier: string }> {
      const [row] = await db.run(
        (sql) => sql<{ identifier: string | null }[]>`
          select motion_identifier as identifier
          from hashes
          where hash = ${bytes(hash)}`,
      );
      if (!row) throw hashNotFound(hash);
      if (row.identifier === null)
        throw notFound('motion_identifier_not_found', 'The hash has no motion identifier.');
      return { identifier: row.identifier };
    },

    /** Removes the hash and all that hangs on it, and names the files that may be deleted now. */
    async cleanup(hash: string, options: { only_if_unreferenced?: boolean; enqueue?: string }) {
      const enqueue = options.enqueue === undefined ? undefined : { queue: options.enqueue, ...queue };
      const [row] = await db.run(
        (sql) => cleanupStatement(sql, bytes(hash), options.only_if_unreferenced ?? false, enqueue),
        // Never repeated blindly: the answer to the second run would not name what the first removed.
        { rivals: CLEANUP_RIVALS, repeatable: false },
      );
      const { aliases = [], variants = [], identifiers = [] } = row ?? {};
      if (row?.in_use) throw conflict('hash_in_use', `The hash has ${aliases.length} aliases.`, { aliases });
      if (enqueue && identifiers.length > 0) queue.wake(enqueue.queue);
      return { removed: { aliases, variants, identifiers } };
    },
  };
}

export type HashesRepo = ReturnType<typeof hashesRepo>;

function identity({ hash, identifier }: { hash: string; identifier: string }) {
  return { hash, identifier };
}

function hashNotFound(hash: string) {
  return notFound('hash_not_found', `There is no hash ${hash.toLowerCase()}.`);
}

function identifierUsed(identifier: string, existing: Record<string, unknown>) {
  return conflict('identifier_already_used', `"${identifier}" belongs to another content.`, existing);
}
