import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { gatheredCreate, type RefusedRow } from '../gathered-create.js';

interface Proxy {
  url: string;
  alias: string;
}

/** ProxyRepo of pict-rs: which remote URL is cached as which alias. */
export function proxiesRepo(db: Database) {
  const readAlias = gatheredRead(
    db,
    (sql, urls: string[]) => sql<{ alias: string | null }[]>`
      select (
        select alias
        from proxies
        where url_sha256 = sha256(convert_to(asked.url, 'UTF8'))
      ) as alias
      from unnest(${urls}::text[]) with ordinality as asked (url, n)
      order by n`,
    { sizeOf: (url) => url.length },
  );

  /** The key is the SHA-256 of the URL, because a long URL does not fit in an index entry. */
  const createProxy = gatheredCreate<Proxy>(db, {
    statement: (sql, proxies, lockTimeout) => {
      const aliases = proxies.map(({ alias }) => alias);
      return sql<RefusedRow<Proxy>[]>`
        with ${padding(sql)},
        parent as materialized (
          select alias
          from aliases
          where ${withinLockTimeout(sql, lockTimeout)}
            and alias = any(${aliases}::text[])
          order by alias
          for key share
        ),
        asked as materialized (
          select *, sha256(convert_to(url, 'UTF8')) as url_sha256, alias in (select alias from parent) as has_parent
          from (
            select
              generate_series(1, ${proxies.length}::integer) as n,
              unnest(${proxies.map(({ url }) => url)}::text[]) as url,
              unnest(${aliases}::text[]) as alias
          ) as item
        ),
        created as (
          insert into proxies (url_sha256, url, alias)
          select url_sha256, url, alias
          from asked
          where has_parent
          order by url_sha256, n
          on conflict do nothing
          returning url_sha256, alias
        ),
        refused as (
          select *
          from asked
          where (url_sha256, alias) not in (select url_sha256, alias from created)
        )
        select n, outcome, url, found.alias
        from refused
        left join lateral (
          (select 'existing' as outcome, alias from proxies where url_sha256 = refused.url_sha256 limit 1)
          union all
          select 'orphan', null where not has_parent
        ) as found on true`;
    },
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
          with doomed as materialized (
            select url_sha256
            from proxies
            where alias = ${alias}
            order by url_sha256
            for update
          )
          delete from proxies
          where url_sha256 = any(array(select url_sha256 from doomed))`,
      );
    },
  };
}

export type ProxiesRepo = ReturnType<typeof proxiesRepo>;
