import type { Database, Fragment, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { conflict } from '../../problems.js';
import { blockOf, hashBlocked, isAllowed } from '../blocked.js';
import { holderOf, isFree } from '../file-owner.js';
import { gatheredCreate, type Obstacle } from '../gathered-create.js';
import { bytes } from '../values.js';
import { filledSize, isSameFile, type SizedFile, sizesOf } from './file-size.js';
import { identifierCondemned, identifierUsed } from './refusals.js';

interface Content extends SizedFile {
  hash: string;
}

/** Creates a hash with its file. */
export function hashCreation(db: Database) {
  const create = gatheredCreate<Content>(db, {
    insertStatement,
    obstacleStatement,
    keyOf: ({ hash }) => hash,
    sizeOf: ({ identifier }) => identifier.length,
    isSame: isSameFile,
    refusals: {
      existing: ({ hash, identifier }) =>
        conflict('hash_already_exists', `The hash already exists with "${identifier}".`, {
          hash,
          identifier,
        }),
      taken: ({ identifier }, holder) => identifierUsed(identifier, holder),
      condemned: ({ identifier }) => identifierCondemned(identifier),
      blocked: ({ hash }, block) => hashBlocked(hash, block),
    },
  });
  const fill = ({ hash, identifier }: Content, size: number) =>
    db.run(
      (sql) => sql<SizedFile[]>`
        update hashes
        set bytes = coalesce(bytes, ${size})
        where hash = ${bytes(hash)}
          and identifier = ${identifier}
        returning identifier, bytes`,
    );
  return async (asked: Content) => {
    const { created, stored } = await create(asked);
    const { hash, identifier } = asked;
    return { created, record: { hash, identifier, ...(await filledSize(asked, stored, fill)) } };
  };
}

function insertStatement(sql: Sql, contents: Content[], lockTimeout: LockTimeout) {
  return sql<Content[]>`
    with ${padding(sql)},
    asked as materialized (
      select decode(hash, 'hex') as hash, identifier, nullif(bytes, -1)::bigint as bytes
      from ${askedContents(sql, contents)}
    )
    insert into hashes (hash, identifier, bytes)
    select hash, identifier, bytes
    from asked
    where ${withinLockTimeout(sql, lockTimeout)}
      and ${isFree(sql)}
      and ${isAllowed(sql, sql`asked.hash`)}
    order by hash
    on conflict do nothing
    returning encode(hash, 'hex') as hash, identifier, bytes`;
}

function obstacleStatement(sql: Sql, contents: Content[]) {
  return sql<Obstacle<Content>[]>`
    select
      existing.*,
      case
        when is_live then 'existing'
        when not is_live then 'doomed'
      end as outcome,
      case when is_live is null then ${holderOf(sql, sql`asked.identifier`)} end as holder,
      ${blockOf(sql, sql`decode(asked.hash, 'hex')`)} as block
    from ${askedContents(sql, contents)}
    left join lateral (
      select doomed_at is null as is_live, encode(hash, 'hex') as hash, identifier, bytes
      from hashes
      where hash = decode(asked.hash, 'hex')
      limit 1
    ) as existing on true
    order by n`;
}

const askedContents = (sql: Sql, contents: Content[]): Fragment => sql`
  unnest(
    ${contents.map(({ hash }) => hash)}::text[],
    ${contents.map(({ identifier }) => identifier)}::text[],
    ${sizesOf(contents)}::float8[]
  ) with ordinality as asked (hash, identifier, bytes, n)`;
