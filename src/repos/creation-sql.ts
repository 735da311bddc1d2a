import type { Fragment, Sql } from '../database/database.js';
import { constant, NOTHING } from '../database/driver/constant.js';
import { padding } from '../database/driver/padding.js';
import { type LockTimeout, withinLockTimeout } from '../database/lock-timeout.js';
import { type Block, blockOf, isAllowed } from './blocked.js';
import { isFree, whyNotFree } from './file-owner.js';

type Part = (sql: Sql) => Fragment;

/**
 * How records of a table are created. The comment of each part says whether it uses a row of `asked`, of the table, or
 * both.
 */
export interface Creation<Item> {
  table: Part;
  /** A call of unnest() `with ordinality as asked (…, n)`. */
  asked: (sql: Sql, items: Item[]) => Fragment;
  columns: Part;
  /** Of `asked`: the values of the columns. */
  values: Part;
  /** Of `asked`: the order of the key, in which rows are inserted to avoid deadlocks. */
  order: Part;
  /** Of the table: the columns of the record, named as the members of an item. */
  shown: Part;
  /** Of both: whether the row has the key of `asked`. */
  hasKey: Part;
  /** Of the table: whether the row belongs to a hash that is not being removed. */
  isLive?: Part;
  /** Of `asked`: the file, which may have only one owner. */
  file?: Part;
  /** Of `asked`: the hash of a content, which may be blocked. */
  content?: Part;
  parent?: Parent;
}

/** The row of another table that must exist before a record. Its key is a value of `asked`. */
interface Parent {
  table: Part;
  key: Part;
  value: Part;
  isLive: Part;
}

/** The parent of records that belong to a hash. `asked` has the hash in hex. */
export const underHash: Parent = {
  table: constant((sql) => sql`hashes`),
  key: constant((sql) => sql`hashes.hash`),
  value: constant((sql) => sql`decode(asked.hash, 'hex')`),
  isLive: constant((sql) => sql`doomed_at is null`),
};

/**
 * Why a record was not created, with the record that is in the way:
 * - `existing`: a record with the same key.
 * - `doomed`: a record with the same key, which is being removed.
 * - `orphan`: the parent does not exist, or is being removed.
 * - null: the file has another owner. Or nothing is in the way any more, because a concurrent transaction has just
 *   removed it.
 */
export type Obstacle<Item> = Item & {
  outcome: 'existing' | 'doomed' | 'orphan' | null;
  holder: Holder | null;
  /** Set if the content is blocked, in addition to the other reasons. */
  block: Block | null;
};

/** Why a file cannot be used: another record owns it, or its name was condemned. */
export interface Holder {
  outcome: 'taken' | 'condemned';
  hash: string;
  /** Empty for an original or a motion file. */
  variant: string;
}

/**
 * Inserts many records with `on conflict do nothing`, and returns those that are new. It locks their parents first, in
 * the order of their keys.
 */
export function insertStatement<Item extends object>(
  sql: Sql,
  creation: Creation<Item>,
  items: Item[],
  lockTimeout: LockTimeout,
) {
  const { parent, file, content } = creation;
  return sql<Item[]>`
    with ${padding(sql)},
    asked as materialized (select * from ${creation.asked(sql, items)})
    ${parent ? lockedParents(sql, parent, lockTimeout) : NOTHING(sql)}
    insert into ${creation.table(sql)} (${creation.columns(sql)})
    select ${creation.values(sql)}
    from asked
    where ${parent ? hasParent(sql, parent) : withinLockTimeout(sql, lockTimeout)}
    ${file ? sql`and ${isFree(sql)}` : NOTHING(sql)}
    ${content ? sql`and ${isAllowed(sql, content(sql))}` : NOTHING(sql)}
    order by ${creation.order(sql)}
    on conflict do nothing
    returning ${creation.shown(sql)}`;
}

function lockedParents(sql: Sql, { table, key, value, isLive }: Parent, lockTimeout: LockTimeout): Fragment {
  return sql`,
    parent as materialized (
      select ${key(sql)} as key
      from ${table(sql)}
      where ${withinLockTimeout(sql, lockTimeout)}
        and ${key(sql)} = any(array(select ${value(sql)} from asked))
        and ${isLive(sql)}
      order by 1
      for key share
    )`;
}

/**
 * Written as "is true", so that the planner looks parents up in a hash table. It might join each with each otherwise.
 */
function hasParent(sql: Sql, { value }: Parent): Fragment {
  return sql`(${value(sql)} in (select key from parent)) is true`;
}

/** Finds the obstacle of each record, in their order. An existing record comes first, before a missing parent. */
export function obstacleStatement<Item extends object>(sql: Sql, creation: Creation<Item>, items: Item[]) {
  const { asked, parent, file, content } = creation;
  return sql<Obstacle<Item>[]>`
    select
      found.*,
      case
        when is_live then 'existing'
        when not is_live then 'doomed'
        ${parent ? elseOrphan(sql, parent) : NOTHING(sql)}
      end as outcome,
      ${file ? holderOf(sql, file) : sql`null`} as holder,
      ${content ? blockOf(sql, content(sql)) : sql`null`} as block
    from ${asked(sql, items)}
    left join lateral (
      ${existing(sql, creation)}
    ) as found on true
    order by n`;
}

function existing<Item>(sql: Sql, { table, shown, hasKey, isLive }: Creation<Item>): Fragment {
  return sql`
    select ${isLive ? isLive(sql) : sql`true`} as is_live, ${shown(sql)}
    from ${table(sql)}
    where ${hasKey(sql)}
    limit 1`;
}

/** Not written as "not exists", because the planner might scan all parents. */
function elseOrphan(sql: Sql, { table, key, value, isLive }: Parent): Fragment {
  return sql`
    when (select true from ${table(sql)} where ${key(sql)} = ${value(sql)} and ${isLive(sql)}) is null then 'orphan'`;
}

function holderOf(sql: Sql, file: Part): Fragment {
  return sql`
    case
      when is_live is null then (
        select json_build_object('outcome', outcome, 'hash', encode(hash, 'hex'), 'variant', variant)
        from (${whyNotFree(sql, file(sql))}) as why
        limit 1
      )
    end`;
}
