import type { Database } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { conflict, notFound } from '../../problems.js';
import type { Creation } from '../creation-sql.js';
import { isLive, isOfLiveHash } from '../doomed.js';
import { gatheredCreate } from '../gathered-create.js';
import { isValidAlias } from '../valid-alias.js';

interface Proxy {
  url: string;
  alias: string;
}

/** The key is the SHA-256 of the URL, because a long URL does not fit in an index entry. */
const creation: Creation<Proxy> = {
  table: constant((sql) => sql`proxies`),
  asked: (sql, proxies) => sql`
    unnest(
      ${proxies.map(({ url }) => url)}::text[],
      ${proxies.map(({ alias }) => alias)}::text[]
    ) with ordinality as asked (url, alias, n)`,
  columns: constant((sql) => sql`url_sha256, url, alias`),
  values: constant((sql) => sql`sha256(convert_to(url, 'UTF8')), url, alias`),
  order: constant((sql) => sql`1`),
  shown: constant((sql) => sql`url, alias`),
  hasKey: constant((sql) => sql`url_sha256 = sha256(convert_to(asked.url, 'UTF8'))`),
  isLive: constant((sql) => isOfLiveHash(sql, sql`proxies.alias`)),
  parent: {
    table: constant((sql) => sql`aliases`),
    key: constant((sql) => sql`aliases.alias`),
    value: constant((sql) => sql`asked.alias`),
    isLive: constant((sql) => isLive(sql, sql`aliases.hash`)),
  },
};

/** ProxyRepo of pict-rs: which remote URL is cached as which alias. */
export function proxiesRepo(db: Database) {
  const readAlias = gatheredRead(
    db,
    (sql, urls: string[]) => sql<{ alias: string | null }[]>`
      select (
        select alias
        from proxies
        where url_sha256 = sha256(convert_to(asked.url, 'UTF8'))
          and exists (
            select
            from aliases
            where aliases.alias = proxies.alias
              and ${isValidAlias(sql)}
              and ${isLive(sql, sql`aliases.hash`)}
          )
      ) as alias
      from unnest(${urls}::text[]) with ordinality as asked (url, n)
      order by n`,
    { sizeOf: (url) => url.length },
  );

  const createProxy = gatheredCreate<Proxy>(db, {
    creation,
    keyOf: ({ url }) => url,
    sizeOf: ({ url }) => url.length,
    refusals: {
      existing: ({ alias }) =>
        conflict('proxy_already_exists', `The URL is related to "${alias}".`, { alias }),
      orphan: ({ alias }) => notFound('alias_not_found', `There is no alias "${alias}".`),
    },
  });

  return {
    relateUrl: (url: string, alias: string) => createProxy({ url, alias }),

    async related(url: string): Promise<{ alias: string }> {
      const { alias } = await readAlias(url);
      if (alias === null) throw notFound('proxy_not_found', 'The URL is not related to an alias.');
      return { alias };
    },

    /** Removes every URL of the alias. */
    async removeRelation(alias: string): Promise<void> {
      await db.run(
        (sql) => sql`
          with target as materialized (
            select url_sha256
            from proxies
            where alias = ${alias}
            order by url_sha256
            for update
          )
          delete from proxies
          where url_sha256 = any(array(select url_sha256 from target))`,
      );
    },
  };
}

export type ProxiesRepo = ReturnType<typeof proxiesRepo>;
