import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { notFound, type Problem } from '../../problems.js';
import { filtersDigest } from '../cursor.js';
import { isLive } from '../doomed.js';
import { recordOfHashAt } from '../hash-record.js';
import type { Range } from '../keyset.js';
import { MAX_LISTED } from '../lists.js';
import { newestFirst } from '../newest-first.js';
import type { PageRange } from '../page-range.js';
import { readSeveral } from '../read-several.js';
import { isValidAlias } from '../valid-alias.js';
import { bytes, utcOf } from '../values.js';
import { aliasCreation, type NewAlias } from './creation.js';
import { aliasRecord } from './record.js';

/** A concurrent request may add these rows while the alias is removed. The next run removes them too. */
const CONFLICTS = ['proxies_alias_fkey', 'alias_accesses_alias_fkey'];

function aliasNotFound(alias: string): Problem {
  return notFound('alias_not_found', `There is no alias "${alias}".`);
}

/** AliasRepo of pict-rs: the public names of contents, and their delete tokens. */
export function aliasesRepo(db: Database) {
  const readHash = gatheredRead(
    db,
    (sql, aliases: string[]) => sql<{ hash: string | null }[]>`
      select (
        select encode(hash, 'hex')
        from aliases
        where alias = asked.alias
          and ${isValidAlias(sql)}
          and ${isLive(sql, sql`aliases.hash`)}
      ) as hash
      from unnest(${aliases}::text[]) with ordinality as asked (alias, n)
      order by n`,
  );

  const readRecord = gatheredRead(
    db,
    (sql, aliases: string[]) => sql<{ record: string | null }[]>`
      select (select ${aliasRecord(sql)} from aliases where alias = asked.alias and ${isLive(sql, sql`aliases.hash`)}) as record
      from unnest(${aliases}::text[]) with ordinality as asked (alias, n)
      order by n`,
  );

  /** Sets the owner or expiry of an alias, which may have expired. Nothing is written if the value is the same. */
  async function assign(column: 'owner' | 'expires_at', alias: string, value: string | null): Promise<void> {
    const [row] = await db.run((sql) => {
      const given = column === 'owner' ? sql`${value}::text` : sql`${value}::text::timestamptz`;
      return sql<{ found: boolean }[]>`
        with target as materialized (
          select alias, ${sql(column)} as old
          from aliases
          where alias = ${alias}
            and ${isLive(sql, sql`aliases.hash`)}
          for no key update
        ),
        assigned as (
          update aliases
          set ${sql(column)} = ${given}
          where alias = any(array(select alias from target where old is distinct from ${given}))
        )
        select exists (select from target) as found`;
    });
    if (!row?.found) throw aliasNotFound(alias);
  }

  const createAlias = aliasCreation(db);

  return {
    create: (alias: string, { hash, expires_at, ...rest }: Omit<NewAlias, 'alias'>) =>
      createAlias({
        alias,
        hash: hash.toLowerCase(),
        ...rest,
        ...(expires_at !== undefined && { expires_at: expires_at === null ? null : utcOf(expires_at) }),
      }),

    async deleteToken(alias: string): Promise<{ delete_token: string }> {
      const [row] = await db.run(
        (sql) => sql<{ delete_token: string }[]>`
          select delete_token
          from aliases
          where alias = ${alias}
            and ${isValidAlias(sql)}
            and ${isLive(sql, sql`aliases.hash`)}`,
      );
      if (!row) throw aliasNotFound(alias);
      return row;
    },

    async hash(alias: string): Promise<{ hash: string }> {
      const { hash } = await readHash(alias);
      if (hash === null) throw aliasNotFound(alias);
      return { hash };
    },

    /**
     * The aliases of a hash, in the order of their bytes. The limit counts expired aliases too, but they are left out.
     * `next` is set if there are more.
     */
    async forHash(hash: string, { after = '', limit = MAX_LISTED }: Range = {}) {
      const rows = await db.run(
        (sql) => sql<{ alias: string; is_valid: boolean }[]>`
          select alias, ${isValidAlias(sql)} as is_valid
          from aliases
          where hash = ${bytes(hash)}
            and alias > ${after}
            and ${isLive(sql, sql`aliases.hash`)}
          order by alias
          limit ${limit + 1}`,
      );
      const page = rows.slice(0, limit);
      const aliases = page.filter(({ is_valid }) => is_valid).map(({ alias }) => alias);
      return { aliases, ...(rows.length > limit && { next: page.at(-1)?.alias ?? '' }) };
    },

    /** For each hash its first aliases, or null if the hash does not exist; as JSON. */
    forHashMany: (hashes: string[], signal?: AbortSignal): Promise<string> =>
      readSeveral(db, hashes.length, (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'aliases']), signal),

    /** The record of an alias without its token, as JSON. Expired aliases are found too. */
    async alias(alias: string): Promise<string> {
      const { record } = await readRecord(alias);
      if (record === null) throw aliasNotFound(alias);
      return record;
    },

    setOwner: (alias: string, owner: string | null): Promise<void> => assign('owner', alias, owner),

    /** Sets the expiry. A later time makes an expired alias valid again; a past one ends it at once. */
    setExpiry: (alias: string, expiresAt: string | null): Promise<void> =>
      assign('expires_at', alias, expiresAt === null ? null : utcOf(expiresAt)),

    /** The aliases of an owner, the newest first, as JSON, including expired ones. */
    ofOwner: (owner: string, range: PageRange): Promise<string> =>
      newestFirst(
        db,
        'aliases',
        {
          kind: 'alias',
          where: (sql) => sql`owner = ${owner} and ${isLive(sql, sql`aliases.hash`)}`,
          filters: filtersDigest([owner]),
          record: (sql) => aliasRecord(sql, true),
        },
        range,
      ),

    /** Removes an alias with its proxies and its access record. */
    async cleanup(alias: string): Promise<void> {
      await db.run(
        (sql) => sql`
          with target as materialized (
            select alias
            from aliases
            where alias = ${alias}
            for update
          ),
          gone_proxies as (
            delete from proxies
            where alias = any(array(select alias from target))
          ),
          gone_access as (
            delete from alias_accesses
            where alias = any(array(select alias from target))
          )
          delete from aliases
          where alias = any(array(select alias from target))`,
        { conflicts: CONFLICTS },
      );
    },
  };
}

export type AliasesRepo = ReturnType<typeof aliasesRepo>;
