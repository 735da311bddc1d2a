import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { hashBeingRemoved, isLive, isOfLiveHash } from '../doomed.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';

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
          and ${isOfLiveHash(sql, sql`proxies.alias`)}
      ) as alias
      from unnest(${urls}::text[]) with ordinality as asked (url, n)
      order by n`,
    { sizeOf: (url) => url.length },
  );

  /** The key is the SHA-256 of the URL, because a long URL does not fit in an index entry. */
  const createProxy = gatheredCreate<Proxy>(db, {
    insert: (sql, proxies, lockTimeout) => {
      const aliases = proxies.map(({ alias }) => alias);
      return sql<Proxy[]>`
        with ${padding(sql)},
        parent as materialized (
          select alias
          from aliases
          where ${withinLockTimeout(sql, lockTimeout)}
            and alias = any(${aliases}::text[])
            and ${isLive(sql, sql`aliases.hash`)}
          order by alias
          for key share
        )
        insert into proxies (url_sha256, url, alias)
        select sha256(convert_to(url, 'UTF8')), url, alias
        from (
          select
            unnest(${proxies.map(({ url }) => url)}::text[]) as url,
            unnest(${aliases}::text[]) as alias
        ) as asked
        -- "is true" keeps it a lookup in a hash table: a join could compare each with each.
        where (alias in (select alias from parent)) is true
        order by 1
        on conflict do nothing
        returning url, alias`;
    },
    find: (sql, proxies) => sql<Obstacle<Proxy>[]>`
      select outcome, url, found.alias
      from unnest(
        ${proxies.map(({ url }) => url)}::text[],
        ${proxies.map(({ alias }) => alias)}::text[]
      ) with ordinality as asked (url, alias, n)
      left join lateral (
        (
          select
            1 as rank,
            case when ${isOfLiveHash(sql, sql`proxies.alias`)} then 'existing' else 'doomed' end as outcome,
            alias
          from proxies
          where url_sha256 = sha256(convert_to(asked.url, 'UTF8'))
          limit 1
        )
        union all
        select 2, 'orphan', null
        where (
          select true
          from aliases
          where aliases.alias = asked.alias
            and ${isLive(sql, sql`aliases.hash`)}
        ) is null
        order by rank
        limit 1
      ) as found on true
      order by n`,
    keyOf: ({ url }) => url,
    sizeOf: ({ url }) => url.length,
    refusals: {
      existing: ({ alias }) =>
        conflict('proxy_already_exists', `The URL is related to "${alias}".`, { alias }),
      doomed: hashBeingRemoved,
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
