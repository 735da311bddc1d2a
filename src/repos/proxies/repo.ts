import type { Database, Fragment, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { isLive, isOfLiveHash } from '../doomed.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';
import { isValidAlias } from '../valid-alias.js';

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
    insertStatement,
    obstacleStatement,
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

/**
 * The key is the SHA-256 of the URL, because a long URL does not fit in an index entry. "is true" makes the planner look
 * the aliases up in a hash table. It might join each with each otherwise.
 */
function insertStatement(sql: Sql, proxies: Proxy[], lockTimeout: LockTimeout) {
  return sql<Proxy[]>`
    with ${padding(sql)},
    asked as materialized (
      select sha256(convert_to(url, 'UTF8')) as url_sha256, url, alias
      from ${askedProxies(sql, proxies)}
    ),
    live_aliases as materialized (
      select alias
      from aliases
      where ${withinLockTimeout(sql, lockTimeout)}
        and alias = any(array(select alias from asked))
        and ${isLive(sql, sql`aliases.hash`)}
      order by alias
      for key share
    )
    insert into proxies (url_sha256, url, alias)
    select url_sha256, url, alias
    from asked
    where (alias in (select alias from live_aliases)) is true
    order by url_sha256
    on conflict do nothing
    returning url, alias`;
}

/** A missing alias is not found by "not exists", because the planner might scan all aliases for that. */
function obstacleStatement(sql: Sql, proxies: Proxy[]) {
  return sql<Obstacle<Proxy>[]>`
    select
      existing.*,
      case
        when is_live then 'existing'
        when not is_live then 'doomed'
        when (
          select true from aliases where alias = asked.alias and ${isLive(sql, sql`aliases.hash`)}
        ) is null then 'orphan'
      end as outcome
    from ${askedProxies(sql, proxies)}
    left join lateral (
      select ${isOfLiveHash(sql, sql`proxies.alias`)} as is_live, url, alias
      from proxies
      where url_sha256 = sha256(convert_to(asked.url, 'UTF8'))
      limit 1
    ) as existing on true
    order by n`;
}

const askedProxies = (sql: Sql, proxies: Proxy[]): Fragment => sql`
  unnest(
    ${proxies.map(({ url }) => url)}::text[],
    ${proxies.map(({ alias }) => alias)}::text[]
  ) with ordinality as asked (url, alias, n)`;

export type ProxiesRepo = ReturnType<typeof proxiesRepo>;
