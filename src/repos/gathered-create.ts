import { Coalescer } from '../database/coalescer.js';
import type { Database } from '../database/database.js';
import { gatheredRead } from '../database/gathered-read.js';
import { currentOrigin, runFor } from '../origin.js';
import { type Problem, unavailable } from '../problems.js';
import type { Block } from './blocked.js';
import { type Creation, type Holder, insertStatement, obstacleStatement } from './creation-sql.js';
import { hashBeingRemoved } from './doomed.js';
import { FILE_CONFLICTS } from './file-owner.js';

interface Options<Item> {
  creation: Creation<Item>;
  keyOf: (item: Item) => string;
  /** The size of an item in bytes, where it can be long. */
  sizeOf?: (item: Item) => number;
  /** Whether an existing record is what is asked for; otherwise where all members are equal that are not undefined. */
  isSame?: (item: Item, existing: Item) => boolean;
  /** The problem for each obstacle; an existing record that is what is asked for is none. */
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
  /** As it was asked for. */
  record: Item;
  /** What exists now, which may have more. */
  stands: Item;
}

/** How often a create is tried where each time the obstacle is gone when it is looked for. */
const MAX_RUNS = 5;

/**
 * A create whose concurrent calls share a statement and its commit, and each of which gets its own answer, as if they
 * came one after the other. It can be sent again: where what it asks for exists already, that is a success. What stands in the
 * way is looked for afterwards, so that a new record costs one plain insert, and the answer is what is committed.
 *
 * @returns throws a problem of `refusals`; 503 `hash_being_removed`, `contended`
 */
export function gatheredCreate<Item extends object>(
  db: Database,
  { creation, keyOf, sizeOf = () => 0, isSame = hasAllOf, refusals }: Options<Item>,
): (item: Item) => Promise<Created<Item>> {
  const inserts = new Coalescer<Item, boolean>({
    run: async (items, lockTimeout) => {
      const created = new Map<string, Item>();
      const rows = await db.run((sql) => insertStatement(sql, creation, items, lockTimeout), {
        conflicts: FILE_CONFLICTS,
      });
      for (const row of rows) created.set(keyOf(row), row);
      return items.map((item) => {
        const row = created.get(keyOf(item));
        // Of equal records the first is the new one.
        return row !== undefined && isMadeFrom(item, row) && created.delete(keyOf(item));
      });
    },
    lockOf: keyOf,
    sizeOf,
  });
  const readObstacle = gatheredRead(db, (sql, items: Item[]) => obstacleStatement(sql, creation, items), {
    sizeOf,
  });

  return async (record) => {
    const origin = currentOrigin();
    for (let runs = 1; runs <= MAX_RUNS; runs++) {
      if (await runFor(origin, () => inserts.call(record))) return { created: true, record, stands: record };
      const obstacle = await runFor(origin, () => readObstacle(record));
      const { outcome, holder, block } = obstacle;
      if (block && refusals.blocked) throw refusals.blocked(record, block);
      if (outcome === 'existing' && isSame(record, obstacle))
        return { created: false, record, stands: obstacle };
      if (outcome === 'existing') throw refusals.existing(obstacle);
      if (outcome === 'doomed') throw hashBeingRemoved();
      if (outcome === 'orphan' && refusals.orphan) throw refusals.orphan(record);
      if (holder?.outcome === 'taken' && refusals.taken) throw refusals.taken(record, holder);
      if (holder?.outcome === 'condemned' && refusals.condemned) throw refusals.condemned(record);
    }
    throw unavailable('contended', 'Concurrent transactions kept changing the same rows.');
  };
}

/** Whether a new row is the item's, and not that of another item with its key. */
function isMadeFrom<Item extends object>(item: Item, row: Item): boolean {
  const asked = new Map<string, unknown>(Object.entries(item));
  return Object.entries(row).every(([name, value]) => (asked.get(name) ?? null) === value);
}

function hasAllOf<Item extends object>(item: Item, existing: Item): boolean {
  const others = new Map<string, unknown>(Object.entries(existing));
  return Object.entries(item).every(([name, value]) => value === undefined || others.get(name) === value);
}
