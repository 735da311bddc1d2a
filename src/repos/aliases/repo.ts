import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound, type Problem } from '../../problems.js';
import { readSeveral } from '../bounded.js';
import { isValidAlias } from '../expiry.js';
import { gatheredCreate, type RefusedRow } from '../gathered-create.js';
import { recordOfHashAt } from '../hash-record.js';
import { newestFirst, type PageRange } from '../newest-first.js';
import { bytes, utcOf } from '../values.js';
import { aliasRecord } from './record.js';

interface Alias {
  alias: string;
  hash: string;
  delete_token: string;
}

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
      ) as hash
      from unnest(${aliases}::text[]) with ordinality as asked (alias, n)
      order by n`,
  );

  const readRecord = gatheredRead(
    db,
    (sql, aliases: string[]) => sql<{ record: string | null }[]>`
      select (select ${aliasRecord(sql)} from aliases where alias = asked.alias) as record
      from unnest(${aliases}::text[]) with ordinality as asked (alias, n)
      order by n`,
  );

  /** Sets what an alias has beside its hash; the same again writes nothing. Expired ones can be set too. */
  async function assign(column: 'owner' | 'expires_at', alias: string, value: string | null): Promise<void> {
    const [row] = await db.run((sql) => {
      const given = column === 'owner' ? sql`${value}::text` : sql`${value}::text::timestamptz`;
      return sql<{ found: boolean }[]>`
        with target as materialized (
          select alias, ${sql(column)} as stands
          from aliases
          where alias = ${alias}
          for no key update
        ),
        assigned as (
          update aliases
          set ${sql(column)} = ${given}
          where alias = any(array(select alias from target where stands is distinct from ${given}))
        )
        select exists (select from target) as found`;
    });
    if (!row?.found) throw aliasNotFound(alias);
  }

  const createAlias = gatheredCreate<Alias>(db, {
    statement: (sql, aliases, lockTimeout) => {
      const hashes = aliases.map(({ hash }) => hash);
      return sql<RefusedRow<Alias>[]>`
        with ${padding(sql)},
        parent as materialized (
          select hash
          from hashes
          where ${withinLockTimeout(sql, lockTimeout)}
            and hash = any(array(select decode(unnest(${hashes}::text[]), 'hex')))
          order by hash
          for key share
        ),
        asked as materialized (
          select *, hash in (select hash from parent) as has_parent
          from (
            select
              generate_series(1, ${aliases.length}::integer) as n,
              unnest(${aliases.map(({ alias }) => alias)}::text[]) as alias,
              decode(unnest(${hashes}::text[]), 'hex') as hash,
              unnest(${aliases.map(({ delete_token }) => delete_token)}::text[]) as delete_token
          ) as item
        ),
        created as (
          insert into aliases (alias, hash, delete_token)
          select alias, hash, delete_token
          from asked
          where has_parent
          order by alias collate "C", n
          on conflict do nothing
          returning alias, hash, delete_token
        ),
        refused as (
          select *
          from asked
          where (alias, hash, delete_token) not in (select alias, hash, delete_token from created)
        )
        select n, outcome, found.alias, encode(found.hash, 'hex') as hash, found.delete_token
        from refused
        left join lateral (
          (select 'existing' as outcome, alias, hash, delete_token from aliases where alias = refused.alias limit 1)
          union all
          select 'orphan', null, null, null where not has_parent
        ) as found on true`;
    },
    keyOf: ({ alias }) => alias,
    refusals: {
      existing: ({ alias, hash }) =>
        conflict('alias_already_exists', `"${alias}" already exists with another hash or token.`, {
          alias,
          hash,
        }),
      orphan: ({ hash }) => notFound('hash_not_found', `There is no hash ${hash}.`),
    },
  });

  return {
    create: (alias: string, hash: string, deleteToken: string) =>
      createAlias({ alias, hash: hash.toLowerCase(), delete_token: deleteToken }),

    async deleteToken(alias: string): Promise<{ delete_token: string }> {
      const [row] = await db.run(
        (sql) => sql<{ delete_token: string }[]>`
          select delete_token
          from aliases
          where alias = ${alias}
            and ${isValidAlias(sql)}`,
      );
      if (!row) throw aliasNotFound(alias);
      return row;
    },

    async hash(alias: string): Promise<{ hash: string }> {
      const { hash } = await readHash(alias);
      if (hash === null) throw aliasNotFound(alias);
      return { hash };
    },

    async forHash(hash: string): Promise<{ aliases: string[] }> {
      const rows = await db.run(
        (sql) => sql<{ alias: string }[]>`
          select alias
          from aliases
          where hash = ${bytes(hash)}
            and ${isValidAlias(sql)}
          order by alias`,
      );
      return { aliases: rows.map(({ alias }) => alias) };
    },

    /** For each hash its first aliases, or null where there is no such hash; as JSON. */
    forHashMany: (hashes: string[]): Promise<string> =>
      readSeveral(db, hashes.length, (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'aliases'])),

    /** All but its token, as JSON, also where it has expired. */
    async alias(alias: string): Promise<string> {
      const { record } = await readRecord(alias);
      if (record === null) throw aliasNotFound(alias);
      return record;
    },

    setOwner: (alias: string, owner: string | null): Promise<void> => assign('owner', alias, owner),

    /** A later time brings an expired alias back; a past one ends it at once. */
    setExpiry: (alias: string, expiresAt: string | null): Promise<void> =>
      assign('expires_at', alias, expiresAt === null ? null : utcOf(expiresAt)),

    /** Those of an owner, the newest first, as JSON, also those that have expired. */
    ofOwner: (owner: string, range: PageRange): Promise<string> =>
      newestFirst(
        db,
        'aliases',
        {
          kind: 'alias',
          where: (sql) => sql`owner = ${owner}`,
          record: (sql) => aliasRecord(sql, true),
        },
        range,
      ),

    /** Also removes its proxies and its access record. */
    async cleanup(alias: string): Promise<void> {
      await db.run(
        (sql) => sql`
          with doomed as materialized (
            select alias
            from aliases
            where alias = ${alias}
            for update
          ),
          gone_proxies as (
            delete from proxies
            where alias = any(array(select alias from doomed))
          ),
          gone_access as (
            delete from alias_accesses
            where alias = any(array(select alias from doomed))
          )
          delete from aliases
          where alias = any(array(select alias from doomed))`,
        { conflicts: CONFLICTS },
      );
    },
  };
}

export type AliasesRepo = ReturnType<typeof aliasesRepo>;
