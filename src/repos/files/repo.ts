import type { Database } from '../../database/database.js';
import { notFound } from '../../problems.js';
import { isLive } from '../doomed.js';
import { isUsed, ownersOf } from '../file-owner.js';
import { identifierUsed } from '../hashes/refusals.js';
import { type Chunk, keysetStream, type Range, type ReadPage } from '../keyset.js';
import { LOOKED_AT, type ScannedRow, scanned, scannedPages } from '../scanned-pages.js';
import { utcOf } from '../values.js';
import { condemnStatement, deletedStatement } from './condemnation.js';

interface FileRecord {
  identifier: string;
  kind: 'original' | 'motion' | 'variant';
  hash: string;
  variant?: string;
  has_details: boolean;
}

/** Whose a file is, and which files may be deleted. */
export function filesRepo(db: Database, options: { graceSeconds: number }) {
  async function owners(identifiers: string[]): Promise<{ files: (FileRecord | null)[] }> {
    const rows = await db.run(
      (sql) => sql<{ file: FileRecord | null }[]>`
        select (
          select json_strip_nulls(json_build_object(
            'identifier', asked.identifier,
            'kind', kind,
            'hash', encode(hash, 'hex'),
            'variant', nullif(variant, ''),
            'has_details', exists (select from details where identifier = asked.identifier)
          ))
          from (${ownersOf(sql, sql`asked.identifier`)}) as owner
          where ${isLive(sql, sql`owner.hash`)}
          limit 1
        ) as file
        from unnest(${identifiers}::text[]) with ordinality as asked (identifier, n)
        order by n`,
      { class: identifiers.length > 1 ? 'bulk' : 'ordinary' },
    );
    return { files: rows.map(({ file }) => file) };
  }

  function readUnowned(olderThan: string): ReadPage {
    return scannedPages(
      db,
      (sql, after, size) => sql<ScannedRow[]>`
        with looked_at as materialized (
          select identifier, created_at
          from details
          where identifier > ${after}
          order by identifier
          limit ${LOOKED_AT}
        ),
        found as materialized (
          select identifier
          from looked_at
          where created_at < least(${olderThan}::text::timestamptz, clock_timestamp() - interval '1 hour')
            and not ${isUsed(sql, sql`looked_at.identifier`)}
          order by identifier
          limit ${size}
        )
        ${scanned(sql, size)}`,
    );
  }

  return {
    async owner(identifier: string): Promise<FileRecord> {
      const [file] = (await owners([identifier])).files;
      if (!file) throw notFound('file_not_found', `Nobody owns "${identifier}".`);
      return file;
    },

    owners,

    /** Streams the files that have details and no owner, in the order of their bytes. */
    unowned(olderThan: string, range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(readUnowned(utcOf(olderThan)), range);
    },

    /** Condemns those that nobody owns and that are old enough. These may be deleted. */
    async condemn(identifiers: string[], olderThan: string): Promise<{ condemned: string[] }> {
      const rows = await db.run((sql) => condemnStatement(sql, identifiers, utcOf(olderThan)));
      return { condemned: rows.map(({ identifier }) => identifier) };
    },

    /** The files are gone: their names are free again after some time. */
    async deleted(identifiers: string[]): Promise<{ freed_at: string | null }> {
      const [row] = await db.run((sql) => deletedStatement(sql, identifiers, options.graceSeconds));
      if (row?.owned) throw identifierUsed(row.owned.identifier, row.owned);
      return { freed_at: row?.freed_at ?? null };
    },
  };
}

export type FilesRepo = ReturnType<typeof filesRepo>;
