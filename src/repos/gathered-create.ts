import { Coalescer } from '../database/coalescer.js';
import type { Database, Sql } from '../database/database.js';
import { gatheredRead } from '../database/gathered-read.js';
import type { LockTimeout } from '../database/lock-timeout.js';
import { type Problem, unavailable } from '../problems.js';
import { FILE_CONFLICTS } from './file-owner.js';

/**
 * What stands in the way of a record, and that record:
 * - `existing`: one with the same key.
 * - `doomed`: one with the same key, which is being removed.
 * - `taken`: another one has a value that must be unique.
 * - `condemned`: the value is the name of a file that was given up, and may be about to be deleted.
 * - `orphan`: its parent does not exist.
 * - null: nothing any more, as a concurrent transaction has just removed it.
 */
export type Obstacle<Item> = Item & {
  outcome: 'existing' | 'doomed' | 'taken' | 'condemned' | 'orphan' | null;
};

interface Options<Item> {
  /**
   * Inserts what is new of many records, and returns it. It has a lock timeout, locks parents first, inserts in the order
   * of the key, so that no two deadlock, and does nothing on conflict.
   */
  insert: (sql: Sql, items: Item[], lockTimeout: LockTimeout) => PromiseLike<readonly Item[]>;
  /** Finds the obstacle of each record, in their order, as a gathered read does: first an existing one. */
  find: (sql: Sql, items: Item[]) => PromiseLike<readonly Obstacle<Item>[]>;
  keyOf: (item: Item) => string;
  /** The size of an item in bytes, where it can be long. */
  sizeOf?: (item: Item) => number;
  /** The problem for each obstacle; an existing record that equals the requested one is none. */
  refusals: {
    existing: (existing: Item) => Problem;
    doomed?: () => Problem;
    taken?: (item: Item, holder: Item) => Problem;
    condemned?: (item: Item) => Problem;
    orphan?: (item: Item) => Problem;
  };
}

/** The answer to a create: 201 with the new record, or 200 with the equal one that already existed. */
interface Created<Item> {
  created: boolean;
  record: Item;
}

/** How often a create is tried where each time the obstacle is gone when it is looked for. */
const MAX_RUNS = 5;

/**
 * A create whose concurrent calls share a statement and its commit, and each of which gets its own answer, as if they
 * came one after the other. It can be sent again: an equal record that already exists is a success. What stands in the
 * way is looked for afterwards, so that a new record costs one plain insert, and the answer is what is committed.
 *
 * @returns throws a problem of `refusals`; 503 `contended`
 */
export function gatheredCreate<Item extends object>(
  db: Database,
  { insert, find, keyOf, sizeOf = () => 0, refusals }: Options<Item>,
): (item: Item) => Promise<Created<Item>> {
  const inserts = new Coalescer<Item, boolean>({
    run: async (items, lockTimeout) => {
      const created = new Map<string, Item>();
      const rows = await db.run((sql) => insert(sql, items, lockTimeout), { conflicts: FILE_CONFLICTS });
      for (const row of rows) created.set(keyOf(row), row);
      return items.map((item) => {
        const row = created.get(keyOf(item));
        // Of equal records the first is the new one.
        return row !== undefined && isEqual(item, row) && created.delete(keyOf(item));
      });
    },
    lockOf: keyOf,
    sizeOf,
  });
  const readObstacle = gatheredRead(db, find, { sizeOf });

  return async (record) => {
    for (let runs = 1; runs <= MAX_RUNS; runs++) {
      if (await inserts.call(record)) return { created: true, record };
      const obstacle = await readObstacle(record);
      const { outcome } = obstacle;
      if (outcome === 'existing' && isEqual(record, obstacle)) return { created: false, record };
      if (outcome === 'existing') throw refusals.existing(obstacle);
      if (outcome === 'doomed' && refusals.doomed) throw refusals.doomed();
      if (outcome === 'taken' && refusals.taken) throw refusals.taken(record, obstacle);
      if (outcome === 'condemned' && refusals.condemned) throw refusals.condemned(record);
      if (outcome === 'orphan' && refusals.orphan) throw refusals.orphan(record);
    }
    throw unavailable('contended', 'Concurrent transactions kept changing the same rows.');
  };
}

/** Whether the other record has the same values; it may have more. */
function isEqual<Item extends object>(item: Item, other: Item): boolean {
  const others = new Map<string, unknown>(Object.entries(other));
  return Object.entries(item).every(([name, value]) => others.get(name) === value);
}
