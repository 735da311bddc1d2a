import { column } from '../../database/column.js';
import { runnable } from './part.js';
import { utc } from './source.js';
import { contentOf, hexOfHash, MAX_NAME, name, repairedUuid, text, time } from './values.js';

/** The name under which other rows need an alias, which is that of the repaired one. */
export function aliasOf(alias: string | null): string {
  return `aliases ${alias === null ? null : (repairedUuid(alias) ?? alias)}`;
}

interface AliasItem {
  alias: string;
  hash: string;
  token: string;
  isOrphan: boolean;
}

interface AliasRow {
  alias: string | null;
  hash: string | null;
  token: string | null;
  is_orphan: boolean;
}

export const aliases = runnable<AliasRow, AliasItem>({
  table: 'aliases',
  read: ({ sql }, sample, isAlone) => sql<AliasRow[]>`
    select
      alias, hash, token,
      ${isAlone ? sql`not exists (select from hashes where hashes.hash = aliases.hash)` : sql`true`} as is_orphan
    from aliases
    where ${sample('alias')}`,
  keyOf: ({ alias }) => alias ?? '(null)',
  needs: ({ hash }) => ({ name: `hashes ${hash}` }),
  brings: ({ alias }) => [aliasOf(alias)],
  convert: ({ alias, hash, token, is_orphan }, onRepaired) => {
    const given = text(alias, MAX_NAME);
    const uuid = repairedUuid(given);
    if (uuid !== undefined) onRepaired(given, uuid);
    const secret = text(token, MAX_NAME);
    const secretUuid = repairedUuid(secret);
    const kept = uuid ?? name(alias);
    // A token is secret, so the message names only its alias.
    if (secretUuid !== undefined) onRepaired('a garbled token', `a token of the alias ${kept}`);
    return { alias: kept, hash: hexOfHash(hash), token: secretUuid ?? secret, isOrphan: is_orphan };
  },
  write: (sql, items, adds) => sql`
    item as materialized (
      select n, alias, decode(hash, 'hex') as hash, delete_token, is_orphan = 1 as is_orphan
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ alias }) => alias)}::text[]) collate "C" as alias,
          unnest(${items.map(({ hash }) => hash)}::text[]) as hash,
          unnest(${items.map(({ token }) => token)}::text[]) as delete_token,
          unnest(${items.map(({ isOrphan }) => Number(isOrphan))}::smallint[]) as is_orphan
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.alias is not null then
            case
              when known.hash = item.hash and known.delete_token = item.delete_token then 'existing'
              else 'differs'
            end
          when item.is_orphan
            and (select true from hashes where hashes.hash = item.hash and doomed_at is null) is null
          then 'orphan'
          else 'new'
        end as verdict
      from item
      left join aliases as known on known.alias = item.alias
    ),
    added as (
      -- pict-rs does not store when an alias was created.
      insert into aliases (alias, hash, delete_token, created_at)
      select alias, hash, delete_token, '1970-01-01Z'
      from judged
      where verdict = 'new' and ${adds}
      order by alias
      on conflict do nothing
      returning alias
    )`,
});

const MAX_URL = 8192;

interface ProxyItem {
  url: string;
  alias: string;
  content: string | undefined;
  accessed: string;
  isOrphan: boolean;
}

interface ProxyRow {
  url: string | null;
  alias: string | null;
  hash: string | null;
  accessed: string | null;
  is_orphan: boolean;
}

export const proxies = runnable<ProxyRow, ProxyItem>({
  table: 'proxies',
  read: ({ sql, has }, sample, isAlone) => sql<ProxyRow[]>`
    select
      url, alias, (select hash from aliases where aliases.alias = proxies.alias) as hash,
      ${has('proxies', 'accessed') ? utc(sql, 'accessed') : sql`null`} as accessed,
      ${isAlone ? sql`not exists (select from aliases where aliases.alias = proxies.alias)` : sql`true`} as is_orphan
    from proxies
    where ${sample('url')}`,
  keyOf: ({ url }) => url ?? '(null)',
  needs: ({ alias, hash }) => ({ name: aliasOf(alias), content: contentOf(hash) }),
  convert: ({ url, alias, hash, accessed, is_orphan }) => ({
    url: text(url, MAX_URL),
    alias: repairedUuid(text(alias, MAX_NAME)) ?? name(alias),
    content: contentOf(hash),
    accessed: time(accessed) ?? '-infinity',
    isOrphan: is_orphan,
  }),
  write: (sql, items, adds) => sql`
    item as materialized (
      select
        n, url, sha256(convert_to(url, 'UTF8')) as url_sha256, alias, decode(nullif(content, ''), 'hex') as content,
        accessed::timestamptz as accessed, is_orphan = 1 as is_orphan
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ url }) => url)}::text[]) as url,
          unnest(${items.map(({ alias }) => alias)}::text[]) collate "C" as alias,
          unnest(${column(items, ({ content }) => content, '')}::text[]) as content,
          unnest(${items.map(({ accessed }) => accessed)}::text[]) as accessed,
          unnest(${items.map(({ isOrphan }) => Number(isOrphan))}::smallint[]) as is_orphan
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.alias is not null then
            case when known.alias = item.alias then 'existing' else 'differs' end
          when item.is_orphan and (select true from aliases where aliases.alias = item.alias) is null then 'orphan'
          -- The alias was left behind, because one of another content has its name here.
          when (select hash <> item.content from aliases where aliases.alias = item.alias) then 'orphan'
          else 'new'
        end as verdict
      from item
      left join proxies as known on known.url_sha256 = item.url_sha256
    ),
    added as (
      insert into proxies (url_sha256, url, alias, idle_since)
      select url_sha256, url, alias, accessed
      from judged
      where verdict = 'new' and ${adds}
      order by url_sha256
      on conflict do nothing
      returning url_sha256
    ),
    accessed as (
      insert into alias_accesses as known (alias, accessed)
      select alias, max(accessed)
      from judged
      where accessed > '-infinity'
        and ${adds}
        and verdict in ('new', 'existing')
      group by alias
      order by alias
      on conflict (alias) do update
        set accessed = excluded.accessed
        where known.accessed < excluded.accessed
    )`,
});
