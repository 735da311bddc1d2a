import { Coalescer } from '../database/coalescer.js';
import type { Database, Sql } from '../database/database.js';
import { gatheredRead } from '../database/gathered-read.js';
import type { LockTimeout } from '../database/lock-timeout.js';
import { type Problem, unavailable } from '../problems.js';
import { currentRequesters, runFor } from '../requester.js';
import type { Block } from './blocked.js';
import { hashBeingRemoved } from './doomed.js';
import { FILE_CONFLICTS, type Holder } from './file-owner.js';

/**
 * Why a record was not created, with the record that is in the way:
 * - `existing`: a record with the same key.
 * - `doomed`: a record with the same key, which is being removed.
 * - `orphan`: the row of another table that must exist first does not, or is being removed.
 * - null: the file has another owner, or the content is blocked. Or nothing is in the way any more, because a concurrent
 *   transaction has just removed it.
 */
export type Obstacle<Item> = Item & {
  outcome: 'existing' | 'doomed' | 'orphan' | null;
  /** Of records with a file. */
  holder?: Holder | null;
  /** Of records that are contents: set if the content is blocked, in addition to the other reasons. */
  block?: Block | null;
};

interface Options<Item> {
  /**
   * Inserts records with `on conflict do nothing`, and returns those that are new. It inserts in the order of the keys,
   * and locks the rows that must exist first in the order of theirs, or two such statements could deadlock.
   */
  insertStatement: (sql: Sql, items: Item[], lockTimeout: LockTimeout) => PromiseLike<readonly Item[]>;
  /** Returns what is in the way of each record, in their order. See the `statement` of gatheredRead. */
  obstacleStatement: (sql: Sql, items: Item[]) => PromiseLike<readonly Obstacle<Item>[]>;
  keyOf: (item: Item) => string;
  /** The size of an item in bytes, if it can be large. */
  sizeOf?: (item: Item) => number;
  /**
   * Whether an existing record matches the item. By default all members of the item that are not undefined must be
   * equal.
   */
  isSame?: (item: Item, existing: Item) => boolean;
  /** The problem for each obstacle. An existing record that matches the item is not an obstacle. */
  refusals: {
    existing: (existing: Item) => Problem;
    taken?: (item: Item, holder: Holder) => Problem;
    condemned?: (item: Item) => Problem;
    orphan?: (item: Item) => Problem;
    blocked?: (item: Item, block: Block) => Problem;
  };
}

/** The answer to a create: 201 with the new record, or 200 with the one that already existed. */
interface Created<Item> {
  created: boolean;
  /** The record that the request asked for. */
  record: Item;
  /** The stored record, which may have more members. */
  stored: Item;
}

/** How often a create is tried if its obstacle was removed each time before it could be read. */
const MAX_RUNS = 5;

/**
 * A create whose concurrent calls share a statement and its commit. Each call gets its own answer, as if they ran one
 * after the other, and can be sent again. Obstacles are looked for only after an insert was refused, so a new record
 * costs one plain insert.
 *
 * @returns a function that throws a problem of `refusals`; 503 `hash_being_removed`, `contended`
 */
export function gatheredCreate<Item extends object>(
  db: Database,
  { insertStatement, obstacleStatement, keyOf, sizeOf = () => 0, isSame = hasAllOf, refusals }: Options<Item>,
): (item: Item) => Promise<Created<Item>> {
  const inserts = new Coalescer<Item, boolean>({
    run: async (items, lockTimeout) => {
      const created = new Map<string, Item>();
      const rows = await db.run((sql) => insertStatement(sql, items, lockTimeout), {
        conflicts: FILE_CONFLICTS,
      });
      for (const row of rows) created.set(keyOf(row), row);
      return items.map((item) => {
        const row = created.get(keyOf(item));
        // Of equal records in one statement the first gets the answer 201, the others 200.
        return row !== undefined && isMadeFrom(item, row) && created.delete(keyOf(item));
      });
    },
    lockOf: keyOf,
    sizeOf,
  });
  const readObstacle = gatheredRead(db, obstacleStatement, { sizeOf });

  return async (record) => {
    const requesters = currentRequesters();
    for (let runs = 1; runs <= MAX_RUNS; runs++) {
      if (await runFor(requesters, () => inserts.call(record)))
        return { created: true, record, stored: record };
      const obstacle = await runFor(requesters, () => readObstacle(record));
      const { outcome, holder, block } = obstacle;
      if (block && refusals.blocked) throw refusals.blocked(record, block);
      if (outcome === 'existing' && isSame(record, obstacle))
        return { created: false, record, stored: obstacle };
      if (outcome === 'existing') throw refusals.existing(obstacle);
      if (outcome === 'doomed') throw hashBeingRemoved();
      if (outcome === 'orphan' && refusals.orphan) throw refusals.orphan(record);
      if (holder?.outcome === 'taken' && refusals.taken) throw refusals.taken(record, holder);
      if (holder?.outcome === 'condemned' && refusals.condemned) throw refusals.condemned(record);
    }
    throw unavailable('contended', 'Concurrent transactions kept changing the same rows.');
  };
}

/** Whether a new row was made from this item, and not from another item with the same key. */
function isMadeFrom<Item extends object>(item: Item, row: Item): boolean {
  const asked = new Map<string, unknown>(Object.entries(item));
  return Object.entries(row).every(([name, value]) => (asked.get(name) ?? null) === value);
}

function hasAllOf<Item extends object>(item: Item, existing: Item): boolean {
  const others = new Map<string, unknown>(Object.entries(existing));
  return Object.entries(item).every(([name, value]) => value === undefined || others.get(name) === value);
}
