import { column } from '../../database/column.js';
import type { Database } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { conflict, notFound } from '../../problems.js';
import { type Creation, underHash } from '../creation-sql.js';
import { isLive } from '../doomed.js';
import { gatheredCreate } from '../gathered-create.js';
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

const creation: Creation<NewAlias> = {
  table: constant((sql) => sql`aliases`),
  asked: (sql, aliases) => sql`
    unnest(
      ${aliases.map(({ alias }) => alias)}::text[],
      ${aliases.map(({ hash }) => hash)}::text[],
      ${aliases.map(({ delete_token }) => delete_token)}::text[],
      ${column(aliases, ({ owner }) => owner, '')}::text[],
      ${column(aliases, ({ expires_at }) => expires_at, '')}::text[]
    ) with ordinality as asked (alias, hash, delete_token, owner, expires_at, n)`,
  columns: constant((sql) => sql`alias, hash, delete_token, owner, expires_at`),
  values: constant(
    (sql) => sql`
      alias, decode(hash, 'hex'), delete_token, nullif(owner, ''), nullif(expires_at, '')::timestamptz`,
  ),
  order: constant((sql) => sql`alias collate "C"`),
  shown: constant(
    (sql) => sql`
      alias, encode(hash, 'hex') as hash, delete_token, owner, ${utcText(sql, 'expires_at')}`,
  ),
  hasKey: constant((sql) => sql`alias = asked.alias`),
  isLive: constant((sql) => isLive(sql, sql`aliases.hash`)),
  parent: underHash,
};

/**
 * Creates an alias. The name of an expired alias is still taken. The obstacle `orphan` means that the hash does not
 * exist.
 */
export function aliasCreation(db: Database) {
  const create = gatheredCreate<NewAlias>(db, {
    creation,
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
