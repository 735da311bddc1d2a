import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { hashBeingRemoved, isLive } from '../doomed.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';
import { bytes } from '../values.js';

interface Alias {
  alias: string;
  hash: string;
  delete_token: string;
}

/** A concurrent request may add these rows while the alias is removed. The next run removes them too. */
const CONFLICTS = ['proxies_alias_fkey', 'alias_accesses_alias_fkey'];

/** AliasRepo of pict-rs: the public names of contents, and their delete tokens. */
export function aliasesRepo(db: Database) {
  const readHash = gatheredRead(
    db,
    (sql, aliases: string[]) => sql<{ hash: string | null }[]>`
      select (
        select encode(hash, 'hex')
        from aliases
        where alias = asked.alias
          and ${isLive(sql, sql`aliases.hash`)}
      ) as hash
      from unnest(${aliases}::text[]) with ordinality as asked (alias, n)
      order by n`,
  );

  const createAlias = gatheredCreate<Alias>(db, {
    insert: (sql, aliases, lockTimeout) => {
      const hashes = aliases.map(({ hash }) => hash);
      return sql<Alias[]>`
        with ${padding(sql)},
        parent as materialized (
          select hash
          from hashes
          where ${withinLockTimeout(sql, lockTimeout)}
            and hash = any(array(select decode(unnest(${hashes}::text[]), 'hex')))
            and doomed_at is null
          order by hash
          for key share
        )
        insert into aliases (alias, hash, delete_token)
        select alias, hash, delete_token
        from (
          select
            unnest(${aliases.map(({ alias }) => alias)}::text[]) as alias,
            decode(unnest(${hashes}::text[]), 'hex') as hash,
            unnest(${aliases.map(({ delete_token }) => delete_token)}::text[]) as delete_token
        ) as asked
        -- "is true" keeps it a lookup in a hash table: a join could compare each with each.
        where (hash in (select hash from parent)) is true
        order by alias collate "C"
        on conflict do nothing
        returning alias, encode(hash, 'hex') as hash, delete_token`;
    },
    find: (sql, aliases) => sql<Obstacle<Alias>[]>`
      select outcome, found.alias, encode(found.hash, 'hex') as hash, found.delete_token
      from unnest(
        ${aliases.map(({ alias }) => alias)}::text[],
        ${aliases.map(({ hash }) => hash)}::text[]
      ) with ordinality as asked (alias, hash, n)
      left join lateral (
        (
          select
            1 as rank,
            case when ${isLive(sql, sql`aliases.hash`)} then 'existing' else 'doomed' end as outcome,
            alias,
            hash,
            delete_token
          from aliases
          where alias = asked.alias
          limit 1
        )
        union all
        select 2, 'orphan', null, null, null
        where (select true from hashes where hash = decode(asked.hash, 'hex') and doomed_at is null) is null
        order by rank
        limit 1
      ) as found on true
      order by n`,
    keyOf: ({ alias }) => alias,
    refusals: {
      existing: ({ alias, hash }) =>
        conflict('alias_already_exists', `"${alias}" already exists with another hash or token.`, {
          alias,
          hash,
        }),
      doomed: hashBeingRemoved,
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
            and ${isLive(sql, sql`aliases.hash`)}`,
      );
      if (!row) throw notFound('alias_not_found', `There is no alias "${alias}".`);
      return row;
    },

    async hash(alias: string): Promise<{ hash: string }> {
      const { hash } = await readHash(alias);
      if (hash === null) throw notFound('alias_not_found', `There is no alias "${alias}".`);
      return { hash };
    },

    async forHash(hash: string): Promise<{ aliases: string[] }> {
      const rows = await db.run(
        (sql) => sql<{ alias: string }[]>`
          select alias
          from aliases
          where hash = ${bytes(hash)}
            and ${isLive(sql, sql`aliases.hash`)}
          order by alias`,
      );
      return { aliases: rows.map(({ alias }) => alias) };
    },

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
