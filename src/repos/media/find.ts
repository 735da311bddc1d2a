import type { Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { isLive } from '../doomed.js';
import { ownersOf } from '../file-owner.js';
import { bytes } from '../values.js';

/** What a name names. */
export interface Found {
  kind: 'alias' | 'hash' | 'url' | 'original' | 'motion' | 'variant' | 'owner';
  /** The alias, the whole hash, the file or the owner. */
  name: string;
  /** null for an owner. */
  hash: string | null;
}

/** How many contents a part of a hash may lead to, and how many of a kind are read in all. */
const MAX_OF_A_KIND = 10;
const LONGEST_HASH = 64;
/** Fewer digits would find too many contents to be of use. */
const PART_OF_HASH = /^[0-9a-f]{8,128}$/i;

/** Selects what a name names: each kind is looked up by its index. */
export function findStatement(sql: Sql, name: string) {
  const found = (kind: Fragment, shown: Fragment, hash: Fragment, from: Fragment): Fragment => sql`
    (
      select ${kind} as kind, ${shown} as name, encode(${hash}, 'hex') as hash
      ${from}
      limit ${MAX_OF_A_KIND}
    )`;
  return sql<Found[]>`
    ${found(
      sql`'alias'`,
      sql`alias`,
      sql`aliases.hash`,
      sql`from aliases where alias = ${name}::text and ${isLive(sql, sql`aliases.hash`)}`,
    )}
    ${PART_OF_HASH.test(name) ? sql`union all ${found(sql`'hash'`, sql`encode(hashes.hash, 'hex')`, sql`hashes.hash`, hashesFrom(sql, name))}` : NOTHING(sql)}
    union all
    ${found(
      sql`'url'`,
      sql`aliases.alias`,
      sql`aliases.hash`,
      sql`
        from proxies
        join aliases on aliases.alias = proxies.alias
        where url_sha256 = sha256(convert_to(${name}::text, 'UTF8'))
          and ${isLive(sql, sql`aliases.hash`)}`,
    )}
    union all
    ${found(
      sql`kind`,
      sql`${name}::text`,
      sql`owner.hash`,
      sql`from (${ownersOf(sql, sql`${name}::text`)}) as owner where ${isLive(sql, sql`owner.hash`)}`,
    )}
    union all
    (
      select 'owner', owner, null
      from aliases
      where owner = ${name}::text
      order by created_at, alias
      limit 1
    )`;
}

/** The contents whose hashes begin with these digits. */
function hashesFrom(sql: Sql, digits: string): Fragment {
  const isOdd = digits.length % 2 === 1;
  const first = bytes(isOdd ? `${digits}0` : digits);
  const last = Buffer.concat([
    bytes(isOdd ? `${digits}f` : digits),
    Buffer.alloc(LONGEST_HASH - Math.ceil(digits.length / 2), 0xff),
  ]);
  return sql`
    from hashes
    where hashes.hash >= ${first}::bytea
      and hashes.hash <= ${last}::bytea
      and doomed_at is null
    order by hashes.hash`;
}
