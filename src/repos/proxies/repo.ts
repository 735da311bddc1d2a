import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { conflict, notFound } from '../../problems.js';
import { createOnce } from '../outcome.js';

interface ProxyRow {
  outcome: 'created' | 'existing' | 'orphan';
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

  return {
    /** The key is the SHA-256 of the URL, because a long URL does not fit in an index entry. */
    relateUrl(url: string, alias: string) {
      return createOnce(
        db,
        { url, alias },
        (sql) => sql<ProxyRow[]>`
          with parent as materialized (
            select alias
            from aliases
            where alias = ${alias}
            for key share
          ),
          created as (
            insert into proxies (url_sha256, url, alias)
            select sha256(convert_to(${url}, 'UTF8')), ${url}, alias
            from parent
            on conflict do nothing
            returning alias
          )
          select 'created' as outcome, alias
          from created
          union all
          select 'existing', alias
          from proxies
          where url_sha256 = sha256(convert_to(${url}, 'UTF8'))
          union all
          select 'orphan', ${alias}
          where not exists (select from parent)`,
        {
          existing: ({ alias: existing }) =>
            existing === alias
              ? undefined
              : conflict('proxy_already_exists', `The URL is related to "${existing}".`, { alias: existing }),
          orphan: () => notFound('alias_not_found', `There is no alias "${alias}".`),
        },
      );
    },

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
