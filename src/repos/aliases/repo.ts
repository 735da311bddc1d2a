import type { Database } from '../../database/database.js';
import { conflict, notFound } from '../../problems.js';
import { bytes } from '../values.js';

interface AliasRow {
  outcome: 'created' | 'standing' | 'orphan';
  hash: string;
  same_token: boolean;
}

/** Rows that a concurrent transaction adds to an alias while it is removed; a retry removes them too. */
const CONFLICTS = ['proxies_alias_fkey', 'alias_accesses_alias_fkey'];

/** The plan's AliasRepo: public names of contents, and their delete tokens. */
export function aliasesRepo(db: Database) {
  return {
    async create(alias: string, hash: string, deleteToken: string) {
      const rows = await db.run(
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
          select 'standing', encode(hash, 'hex'), delete_token = ${deleteToken}
          from aliases
          where alias = ${alias}
          union all
          select 'orphan', '', false
          where not exists (select from parent)`,
        { retryIf: (found) => found.length === 0 },
      );
      const record = { alias, hash: hash.toLowerCase(), delete_token: deleteToken };
      if (rows.some(({ outcome }) => outcome === 'created')) return { created: true, record };
      const standing = rows.find(({ outcome }) => outcome === 'standing');
      if (standing && (standing.hash !== record.hash || !standing.same_token)) {
        throw conflict('alias_already_exists', `"${alias}" stands with another hash or token.`, {
          alias,
          hash: standing.hash,
        });
      }
      if (!standing && rows.some(({ outcome }) => outcome === 'orphan')) {
        throw notFound('hash_not_found', `There is no hash ${record.hash}.`);
      }
      return { created: !standing, record };
    },

    async deleteToken(alias: string): Promise<{ delete_token: string }> {
      const [row] = await db.run(
        (sql) => sql<{ delete_token: string }[]>`select delete_token from aliases where alias = ${alias}`,
      );
      if (!row) throw notFound('alias_not_found', `There is no alias "${alias}".`);
      return row;
    },

    async hash(alias: string): Promise<{ hash: string }> {
      const [row] = await db.run(
        (sql) =>
          sql<{ hash: string }[]>`select encode(hash, 'hex') as hash from aliases where alias = ${alias}`,
      );
      if (!row) throw notFound('alias_not_found', `There is no alias "${alias}".`);
      return row;
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

    /** Its proxies and its access record go with it. */
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
