import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { gatheredCreate, type RefusedRow } from '../gathered-create.js';
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
      select (select encode(hash, 'hex') from aliases where alias = asked.alias) as hash
      from unnest(${aliases}::text[]) with ordinality as asked (alias, n)
      order by n`,
  );

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
        (sql) => sql<{ delete_token: string }[]>`select delete_token from aliases where alias = ${alias}`,
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
