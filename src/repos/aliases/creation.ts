import { column } from '../../database/column.js';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict, notFound } from '../../problems.js';
import { isLive } from '../doomed.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';
import { utcText } from '../time-text.js';

export interface NewAlias {
  alias: string;
  hash: string;
  delete_token: string;
  /** Undefined if the request does not name an owner; an existing alias then matches whatever owner it has. */
  owner?: string | null;
  /** RFC 3339 in UTC. */
  expires_at?: string | null;
}

/**
 * Creates an alias. The name of an expired alias is still taken. The obstacle `orphan` means that the hash does not
 * exist.
 */
export function aliasCreation(db: Database) {
  const create = gatheredCreate<NewAlias>(db, {
    insertStatement,
    obstacleStatement,
    keyOf: ({ alias }) => alias,
    refusals: {
      existing: ({ alias, hash, ...others }) =>
        conflict(
          'alias_already_exists',
          `"${alias}" already exists with another hash, token, owner or expiry.`,
          { alias, hash, ...known(others) },
        ),
      orphan: ({ hash }) => notFound('hash_not_found', `There is no hash ${hash}.`),
    },
  });
  return async (asked: NewAlias) => {
    const { created, stored } = await create(asked);
    const { alias, hash, delete_token, ...others } = stored;
    return { created, record: { alias, hash, delete_token, ...known(others) } };
  };
}

/** The owner and expiry of an alias, without members that are not set. */
function known({ owner, expires_at }: Pick<NewAlias, 'owner' | 'expires_at'>) {
  const isGiven = (value: string | null | undefined) => value !== null && value !== undefined;
  return { ...(isGiven(owner) && { owner }), ...(isGiven(expires_at) && { expires_at }) };
}

/** "is true" makes the planner look the hashes up in a hash table. It might join each with each otherwise. */
function insertStatement(sql: Sql, aliases: NewAlias[], lockTimeout: LockTimeout) {
  return sql<NewAlias[]>`
    with ${padding(sql)},
    asked as materialized (
      select
        alias, decode(hash, 'hex') as hash, delete_token,
        nullif(owner, '') as owner, nullif(expires_at, '')::timestamptz as expires_at
      from ${askedAliases(sql, aliases)}
    ),
    live_hashes as materialized (
      select hash
      from hashes
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = any(array(select hash from asked))
        and doomed_at is null
      order by hash
      for key share
    )
    insert into aliases (alias, hash, delete_token, owner, expires_at)
    select alias, hash, delete_token, owner, expires_at
    from asked
    where (hash in (select hash from live_hashes)) is true
    order by alias collate "C"
    on conflict do nothing
    returning alias, encode(hash, 'hex') as hash, delete_token, owner, ${utcText(sql, 'expires_at')}`;
}

/** A missing hash is not found by "not exists", because the planner might scan all hashes for that. */
function obstacleStatement(sql: Sql, aliases: NewAlias[]) {
  return sql<Obstacle<NewAlias>[]>`
    select
      existing.*,
      case
        when is_live then 'existing'
        when not is_live then 'doomed'
        when (select true from hashes where hash = decode(asked.hash, 'hex') and doomed_at is null) is null then 'orphan'
      end as outcome
    from ${askedAliases(sql, aliases)}
    left join lateral (
      select
        ${isLive(sql, sql`aliases.hash`)} as is_live,
        alias, encode(hash, 'hex') as hash, delete_token, owner, ${utcText(sql, 'expires_at')}
      from aliases
      where alias = asked.alias
      limit 1
    ) as existing on true
    order by n`;
}

const askedAliases = (sql: Sql, aliases: NewAlias[]): Fragment => sql`
  unnest(
    ${aliases.map(({ alias }) => alias)}::text[],
    ${aliases.map(({ hash }) => hash)}::text[],
    ${aliases.map(({ delete_token }) => delete_token)}::text[],
    ${column(aliases, ({ owner }) => owner, '')}::text[],
    ${column(aliases, ({ expires_at }) => expires_at, '')}::text[]
  ) with ordinality as asked (alias, hash, delete_token, owner, expires_at, n)`;
