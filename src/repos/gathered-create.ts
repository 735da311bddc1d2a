import { Coalescer } from '../database/coalescer.js';
import type { Database, Sql } from '../database/database.js';
import type { LockTimeout } from '../database/lock-timeout.js';
import { type Problem, unavailable } from '../problems.js';
import { FILE_CONFLICTS } from './file-owner.js';

/**
 * Why a record was not created, with the record that stands in its way:
 * - `existing`: a record with the same key.
 * - `taken`: another record has a value that must be unique.
 * - `condemned`: the value is the name of a file that was given up, and may be about to be deleted.
 * - `orphan`: the parent of the record does not exist.
 * - null: none of these, because a concurrent transaction changed it after the statement took its snapshot.
 */
type Outcome = 'existing' | 'taken' | 'condemned' | 'orphan' | null;

/** A record that was not created: the number of its item, counted from 1. An item may have several rows. */
export type RefusedRow<Item> = Item & { n: number; outcome: Outcome };

/** The problem for each outcome; an existing record that equals the requested one is none. */
interface Refusals<Item> {
  existing: (existing: Item) => Problem;
  taken?: (item: Item, holder: Item) => Problem;
  condemned?: (item: Item) => Problem;
  orphan?: (item: Item) => Problem;
}

interface Options<Item> {
  /**
   * Creates what is new of many records, and returns rows for those that it did not create. It locks parents first, then
   * inserts in the order of the key, with `on conflict do nothing`, and has a lock timeout.
   */
  statement: (sql: Sql, items: Item[], lockTimeout: LockTimeout) => PromiseLike<readonly RefusedRow<Item>[]>;
  keyOf: (item: Item) => string;
  /** The value that must be unique, beside the key. */
  uniqueOf?: (item: Item) => string;
  /** The size of an item in bytes, where it can be long. */
  sizeOf?: (item: Item) => number;
  refusals: Refusals<Item>;
}

/** The answer to a create: 201 with the new record, or 200 with the equal one that already existed. */
export interface Created<Item> {
  created: boolean;
  record: Item;
}

interface Found<Item> {
  outcome: Outcome | 'created';
  /** What stands in its way. */
  other: Item;
}

/** How often a create is tried that concurrent transactions disturb. */
const MAX_RUNS = 5;

/**
 * A create whose concurrent calls share a statement and its commit. Each gets its own answer, the one that it would get
 * if they came one after the other. It can be sent again: an equal record that already exists is a success.
 *
 * @returns throws a problem of `refusals`; 503 `contended`
 */
export function gatheredCreate<Item extends object>(
  db: Database,
  { statement, keyOf, uniqueOf, sizeOf = () => 0, refusals }: Options<Item>,
): (item: Item) => Promise<Created<Item>> {
  const calls = new Coalescer<Item, Found<Item>>({
    run: async (items, lockTimeout) =>
      outcomesOf(
        items,
        await db.run((sql) => statement(sql, items, lockTimeout), { conflicts: FILE_CONFLICTS }),
        keyOf,
        uniqueOf,
      ),
    lockOf: keyOf,
    sizeOf,
  });
  return async (item) => {
    for (let runs = 1; runs <= MAX_RUNS; runs++) {
      const { outcome, other } = await calls.call(item);
      if (outcome === 'created') return { created: true, record: item };
      if (outcome === 'existing' && isEqual(item, other)) return { created: false, record: item };
      if (outcome === 'existing') throw refusals.existing(other);
      if (outcome === 'taken' && refusals.taken) throw refusals.taken(item, other);
      if (outcome === 'condemned' && refusals.condemned) throw refusals.condemned(item);
      if (outcome === 'orphan' && refusals.orphan) throw refusals.orphan(item);
      // Another transaction has just committed what is in the way. The next statement sees it.
    }
    throw unavailable('contended', 'Concurrent transactions kept changing the same rows.');
  };
}

/**
 * What became of each item. One that was not created may have met another of the same statement, which the statement
 * cannot see. What was created stands before what its snapshot saw.
 */
function outcomesOf<Item>(
  items: Item[],
  refused: RefusedRow<Item>[],
  keyOf: (item: Item) => string,
  uniqueOf: ((item: Item) => string) | undefined,
): Found<Item>[] {
  const rows = new Map<number, RefusedRow<Item>>();
  for (const row of refused) {
    const known = rows.get(row.n - 1);
    if (!known || RANKS.indexOf(row.outcome) < RANKS.indexOf(known.outcome)) rows.set(row.n - 1, row);
  }
  const byKey = new Map<string, Item>();
  const byValue = new Map<string, Item>();
  for (const [at, item] of items.entries()) {
    // Of equal items the first is the one that was created.
    if (rows.has(at) || byKey.has(keyOf(item))) continue;
    byKey.set(keyOf(item), item);
    if (uniqueOf) byValue.set(uniqueOf(item), item);
  }
  return items.map((item, at) => {
    const sibling = byKey.get(keyOf(item));
    if (sibling) return { outcome: sibling === item ? 'created' : 'existing', other: sibling };
    const row = rows.get(at);
    const holder = row?.outcome === 'existing' ? undefined : uniqueOf && byValue.get(uniqueOf(item));
    if (holder) return { outcome: 'taken', other: holder };
    return { outcome: row?.outcome ?? null, other: row ?? item };
  });
}

/** Which of several rows of an item tells what is wrong with it. */
const RANKS: Outcome[] = ['existing', 'taken', 'condemned', 'orphan', null];

function isEqual<Item extends object>(one: Item, other: Item): boolean {
  const others = new Map<string, unknown>(Object.entries(other));
  return Object.entries(one).every(([name, value]) => others.get(name) === value);
}
