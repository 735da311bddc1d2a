import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { conflict, notFound } from '../../problems.js';
import { createOnce } from '../outcome.js';
import { bytes } from '../values.js';

interface AliasRow {
  outcome: 'created' | 'existing' | 'orphan';
  hash: string;
  same_token: boolean;
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

  return {
    create(alias: string, hash: string, deleteToken: string) {
      const record = { alias, hash: hash.toLowerCase(), delete_token: deleteToken };
      return createOnce(
        db,
        record,
        (sql) => sql<AliasRow[]>`
          with parent as materialized (
            select hash
            from hashes
            where hash = ${bytes(hash)}
            for key share
          ),
          created as (
            insert into aliases (alias, hash, delete_token)
            select ${alias}, hash, ${deleteToken}
            from parent
            on conflict do nothing
            returning hash
          )
          select 'created' as outcome, encode(hash, 'hex') as hash, true as same_token
          from created
          union all
          select 'existing', encode(hash, 'hex'), delete_token = ${deleteToken}
          from aliases
          where alias = ${alias}
          union all
          select 'orphan', '', false
          where not exists (select from parent)`,
        {
          existing: ({ hash: existing, same_token: isSameToken }) =>
            existing === record.hash && isSameToken
              ? undefined
              : conflict('alias_already_exists', `"${alias}" already exists with another hash or token.`, {
                  alias,
                  hash: existing,
                }),
          orphan: () => notFound('hash_not_found', `There is no hash ${record.hash}.`),
        },
      );
    },

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
