import type { Database, Fragment, Sql } from '../database/database.js';
import { isFaultOfAnItem } from '../database/errors.js';
import type { Outcome, Reason } from './outcome.js';

/** A row to be written, with its key for the operator. */
export interface Keyed<Item> {
  key: string;
  item: Item;
  /** Is told if the row is left behind. */
  onLeft?: () => void;
  /** In a dry run: the verdict in view of the rows before, of which the database has none. */
  judge?: (verdict: 'new' | Reason) => 'new' | 'existing' | Reason;
}

interface Judged {
  verdict: 'new' | 'existing' | Reason;
  count: number;
  /** The numbers of the items that were left behind for a reason, or would be new. */
  places: number[] | null;
  added: number;
}

interface Batch<Item> {
  table: string;
  items: Keyed<Item>[];
  /** False for a comparison: rows are compared with the stored ones, and nothing is written. */
  adds: boolean;
  /** The CTEs `judged` (with `n` from 1, and `verdict`) and `added`, which inserts the new items if `adds`. */
  write: (sql: Sql, items: Item[]) => Fragment;
  /** The same CTEs for a first attempt, which takes all new items or fails. */
  attempt?: (sql: Sql, items: Item[]) => Fragment;
}

/**
 * Writes rows by one statement, and counts the outcome of each. If the database refuses a row, the others are written
 * without it.
 */
export async function writeBatch<Item>(db: Database, batch: Batch<Item>, outcome: Outcome): Promise<void> {
  const { table, items, adds, write, attempt } = batch;
  const [first] = items;
  if (!first) return;
  let judged: Judged[];
  // What a run before the last one has added. The last one finds it as existing.
  let addedBefore = 0;
  try {
    judged = await db.run((sql) => statement(sql, { ...batch, write: attempt ?? write }), {
      // Another transaction has just added one of the rows, or two rows have the same key. The next run finds it.
      retryIf: (rows) => {
        const isUnfinished = rows.some(({ verdict, count, added }) => verdict === 'new' && count !== added);
        if (adds && isUnfinished) addedBefore += rows[0]?.added ?? 0;
        return adds && isUnfinished;
      },
      conflicts: attempt ? [] : ['files_pkey'],
    });
  } catch (error) {
    // A lasting violation of files_pkey is reported as a conflict of transactions, with the violation as its cause.
    const cause = error instanceof Error && isFaultOfAnItem(error.cause) ? error.cause : error;
    if (!isFaultOfAnItem(cause)) throw error;
    if (attempt) {
      await writeBatch(db, { table, items, adds, write }, outcome);
      return;
    }
    if (items.length === 1) {
      first.onLeft?.();
      outcome.leave(table, first.key, 'refused', cause instanceof Error ? cause.message : String(cause));
      return;
    }
    const half = Math.ceil(items.length / 2);
    await writeBatch(db, { ...batch, items: items.slice(0, half) }, outcome);
    await writeBatch(db, { ...batch, items: items.slice(half) }, outcome);
    return;
  }
  const tally = outcome.tally(table);
  for (const { verdict, count, places } of judged) {
    if (verdict === 'new' && adds) tally.added += count;
    else if (verdict === 'existing') {
      const own = Math.min(addedBefore, count);
      tally.added += own;
      tally.existing += count - own;
    } else {
      for (const n of places ?? []) {
        const { key = '', onLeft, judge } = items[n - 1] ?? {};
        const judged = judge?.(verdict) ?? verdict;
        if (judged === 'new') tally.added += 1;
        else if (judged === 'existing') tally.existing += 1;
        else {
          onLeft?.();
          outcome.leave(table, key, judged);
        }
      }
    }
  }
}

function statement<Item>(sql: Sql, { items, adds, write }: Batch<Item>) {
  const parts = write(
    sql,
    items.map(({ item }) => item),
  );
  return sql<Judged[]>`
    with ${parts}
    select
      verdict,
      count(*)::integer as count,
      case when verdict <> 'existing' and not (verdict = 'new' and ${adds}) then json_agg(n order by n) end as places,
      (select count(*)::integer from added) as added
    from judged
    group by verdict`;
}
