import type { Fragment, Sql } from '../database/database.js';
import { constant, NOTHING } from '../database/driver/constant.js';
import { padding } from '../database/driver/padding.js';
import { type LockTimeout, withinLockTimeout } from '../database/lock-timeout.js';

type Part = (sql: Sql) => Fragment;

/** How records of a table are created. The parts see a row of `asked`, or of the table, or of both. */
export interface Creation<Item> {
  table: Part;
  /** A call of unnest() `with ordinality as asked (…, n)`. */
  asked: (sql: Sql, items: Item[]) => Fragment;
  columns: Part;
  /** Of `asked`, for the columns. */
  values: Part;
  /** Of `asked`: the order of the key, so that no two statements deadlock. */
  order: Part;
  /** Of the table: all that is asked for, by the names of an item's members. */
  shown: Part;
  /** Whether a row of the table has the key of `asked`. */
  hasKey: Part;
  /** Whether it has its other value that must be unique. */
  hasValue?: Part;
  parent?: Parent;
}

/** What must exist before a record: the row of another table whose key is a value of `asked`. */
interface Parent {
  table: Part;
  key: Part;
  value: Part;
}

/** The parent of what hangs on a hash, which `asked` has in hex. */
export const underHash: Parent = {
  table: constant((sql) => sql`hashes`),
  key: constant((sql) => sql`hashes.hash`),
  value: constant((sql) => sql`decode(asked.hash, 'hex')`),
};

/**
 * What stands in the way of a record, and that record:
 * - `existing`: one with the same key.
 * - `taken`: one with another key has a value that must be unique.
 * - `orphan`: its parent does not exist.
 * - null: nothing any more, as a concurrent transaction has just removed it.
 */
export type Obstacle<Item> = Item & { outcome: 'existing' | 'taken' | 'orphan' | null };

/**
 * Inserts what is new of many records, and returns it. It locks parents first, in the order of their keys, and does
 * nothing on conflict.
 */
export function insertStatement<Item extends object>(
  sql: Sql,
  creation: Creation<Item>,
  items: Item[],
  lockTimeout: LockTimeout,
) {
  const { parent } = creation;
  return sql<Item[]>`
    with ${padding(sql)},
    asked as materialized (select * from ${creation.asked(sql, items)})
    ${parent ? lockedParents(sql, parent, lockTimeout) : NOTHING(sql)}
    insert into ${creation.table(sql)} (${creation.columns(sql)})
    select ${creation.values(sql)}
    from asked
    where ${parent ? hasParent(sql, parent) : withinLockTimeout(sql, lockTimeout)}
    order by ${creation.order(sql)}
    on conflict do nothing
    returning ${creation.shown(sql)}`;
}

function lockedParents(sql: Sql, { table, key, value }: Parent, lockTimeout: LockTimeout): Fragment {
  return sql`,
    parent as materialized (
      select ${key(sql)} as key
      from ${table(sql)}
      where ${withinLockTimeout(sql, lockTimeout)}
        and ${key(sql)} = any(array(select ${value(sql)} from asked))
      order by 1
      for key share
    )`;
}

/** "is true" keeps it a lookup in a hash table: a join could compare each with each. */
function hasParent(sql: Sql, { value }: Parent): Fragment {
  return sql`(${value(sql)} in (select key from parent)) is true`;
}

/** Finds the obstacle of each record, in their order: first an existing one. */
export function obstacleStatement<Item extends object>(sql: Sql, creation: Creation<Item>, items: Item[]) {
  const { asked, hasKey, hasValue, parent } = creation;
  return sql<Obstacle<Item>[]>`
    select
      found.*,
      case
        when rank = 1 then 'existing'
        when rank = 2 then 'taken'
        ${parent ? elseOrphan(sql, parent) : NOTHING(sql)}
      end as outcome
    from ${asked(sql, items)}
    left join lateral (
      ${recordWhere(sql, creation, 1, hasKey)}
      ${hasValue ? sql`union all ${recordWhere(sql, creation, 2, hasValue)} order by rank limit 1` : NOTHING(sql)}
    ) as found on true
    order by n`;
}

function recordWhere<Item>(
  sql: Sql,
  { table, shown }: Creation<Item>,
  rank: number,
  condition: Part,
): Fragment {
  return sql`(select ${rank}::integer as rank, ${shown(sql)} from ${table(sql)} where ${condition(sql)} limit 1)`;
}

/** Not "not exists", which could be planned as a scan of all parents. */
function elseOrphan(sql: Sql, { table, key, value }: Parent): Fragment {
  return sql`when (select true from ${table(sql)} where ${key(sql)} = ${value(sql)}) is null then 'orphan'`;
}
