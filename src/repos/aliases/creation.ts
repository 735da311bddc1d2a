import { column } from '../../database/column.js';
import type { Database } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { gatheredCreate, type RefusedRow } from '../gathered-create.js';
import { utcText } from '../keyset.js';

export interface NewAlias {
  alias: string;
  hash: string;
  delete_token: string;
  /** Undefined where the request says nothing of it: an existing alias may then have any. */
  owner?: string | null;
  /** RFC 3339 in UTC. */
  expires_at?: string | null;
}

/** Creates an alias. An expired one still has its name. `orphan`: there is no such hash. */
export function aliasCreation(db: Database) {
  const create = gatheredCreate<NewAlias>(db, {
    statement: (sql, aliases, lockTimeout) => {
      const hashes = aliases.map(({ hash }) => hash);
      return sql<RefusedRow<NewAlias>[]>`
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
              unnest(${aliases.map(({ delete_token }) => delete_token)}::text[]) as delete_token,
              nullif(unnest(${column(aliases, ({ owner }) => owner, '')}::text[]), '') as owner,
              nullif(unnest(${column(aliases, ({ expires_at }) => expires_at, '')}::text[]), '')::timestamptz as expires_at
          ) as item
        ),
        created as (
          insert into aliases (alias, hash, delete_token, owner, expires_at)
          select alias, hash, delete_token, owner, expires_at
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
        select
          n, outcome, found.alias, encode(found.hash, 'hex') as hash, found.delete_token, found.owner,
          ${utcText(sql, 'found.expires_at')}
        from refused
        left join lateral (
          (
            select 'existing' as outcome, alias, hash, delete_token, owner, expires_at
            from aliases
            where alias = refused.alias
            limit 1
          )
          union all
          select 'orphan', null, null, null, null, null where not has_parent
        ) as found on true`;
    },
    keyOf: ({ alias }) => alias,
    isSame,
    refusals: {
      existing: ({ alias, hash, ...others }) =>
        conflict(
          'alias_already_exists',
          `"${alias}" already exists with another hash, token, owner or expiry.`,
          {
            alias,
            hash,
            ...known(others),
          },
        ),
      orphan: ({ hash }) => notFound('hash_not_found', `There is no hash ${hash}.`),
    },
  });
  return async (alias: NewAlias) => {
    const { created, stands } = await create(alias);
    const { alias: name, hash, delete_token, ...others } = stands;
    return { created, record: { alias: name, hash, delete_token, ...known(others) } };
  };
}

function isSame(asked: NewAlias, existing: NewAlias): boolean {
  return (
    asked.hash === existing.hash &&
    asked.delete_token === existing.delete_token &&
    (asked.owner === undefined || asked.owner === (existing.owner ?? null)) &&
    (asked.expires_at === undefined || asked.expires_at === (existing.expires_at ?? null))
  );
}

/** What an alias has beside its hash and token; what it has not is left out. */
function known({ owner, expires_at }: Pick<NewAlias, 'owner' | 'expires_at'>) {
  const isGiven = (value: string | null | undefined) => value !== null && value !== undefined;
  return { ...(isGiven(owner) && { owner }), ...(isGiven(expires_at) && { expires_at }) };
}
