import type { Database, Sql } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { notFound } from '../../problems.js';
import { type Chunk, keysetStream, type Range, toPage } from '../keyset.js';
import { utcText } from '../time-text.js';
import { bytes } from '../values.js';
import { MAX_STANDING } from './schema.js';
import { standingStatement } from './standing.js';

interface Entry {
  digest: string;
  reason: string | null;
  blocked_at: string;
}

const ENTRY = constant((sql) => sql`encode(digest, 'hex') as digest, reason, ${utcText(sql, 'blocked_at')}`);

/** The contents that nobody may upload, by the SHA-256 of their bytes. */
export function blocklistRepo(db: Database) {
  return {
    /**
     * Blocks a digest, and removes no content. If it is blocked already, a new reason replaces the old one; undefined
     * keeps it.
     */
    async block(digest: string, reason: string | null | undefined) {
      const [row] = await db.run((sql) => blockStatement(sql, bytes(digest), reason), {
        // No row means that another transaction has just blocked the digest.
        retryIf: (rows) => rows.length === 0,
      });
      if (!row) throw new Error('A block returns one row.');
      const { created, ...record } = row;
      return { created, record };
    },

    async unblock(digest: string): Promise<void> {
      await db.run((sql) => sql`delete from blocked_hashes where digest = ${bytes(digest)}`);
    },

    /** Streams the list in the order of the digests. */
    blocked(range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(
        async (after = '', size, signal) =>
          toPage(
            await db.run(
              (sql) =>
                sql`
                select string_agg(line, ''), count(*)
                from (
                  select row_to_json(shown)::text || E'\\n' as line
                  from (
                    select ${ENTRY(sql)}
                    from blocked_hashes
                    where digest > ${bytes(after)}::bytea
                    order by blocked_hashes.digest
                    limit ${size}
                  ) as shown
                ) as page`.raw(),
              { class: 'bulk', signal },
            ),
            ({ digest }: Entry) => digest,
          ),
        range,
      );
    },

    async entry(digest: string): Promise<Entry> {
      const [row] = await db.run(
        (sql) => sql<Entry[]>`select ${ENTRY(sql)} from blocked_hashes where digest = ${bytes(digest)}`,
      );
      if (!row) throw notFound('blocked_hash_not_found', `${digest.toLowerCase()} is not blocked.`);
      return row;
    },

    /** The existing contents with this digest, whether it is blocked or not. `next` is set if there are more. */
    async standing(digest: string, { after = '', limit = MAX_STANDING, signal }: Range) {
      const rows = await db.run(
        (sql) => standingStatement(sql, bytes(digest), { after: bytes(after), limit }),
        { class: 'bulk', signal },
      );
      const contents = rows.slice(0, limit);
      return { contents, ...(rows.length > limit && { next: contents.at(-1)?.hash ?? '' }) };
    },
  };
}

function blockStatement(sql: Sql, digest: Buffer, reason: string | null | undefined) {
  return sql<(Entry & { created: boolean })[]>`
    with added as (
      insert into blocked_hashes (digest, reason)
      values (${digest}, ${reason ?? null})
      on conflict do nothing
      returning ${ENTRY(sql)}
    ),
    changed as (
      update blocked_hashes
      set reason = case when ${reason === undefined}::boolean then reason else ${reason ?? null}::text end
      where digest = ${digest}
        and not exists (select from added)
      returning ${ENTRY(sql)}
    )
    select true as created, * from added
    union all
    select false, * from changed`;
}

export type BlocklistRepo = ReturnType<typeof blocklistRepo>;
