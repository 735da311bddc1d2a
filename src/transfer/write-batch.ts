import type { Database, Fragment, Sql } from '../database/database.js';
import { isFaultOfAnItem } from '../database/errors.js';
import type { Outcome, Reason } from './outcome.js';

/** A row that is to be written, with its key for the operator. */
export interface Keyed<Item> {
  key: string;
  item: Item;
}

interface Judged {
  verdict: 'new' | 'standing' | Reason;
  count: number;
  /** The numbers of the items, where they are left behind. */
  places: number[] | null;
  added: number;
}

interface Batch<Item> {
  table: string;
  items: Keyed<Item>[];
  /** False: rows are compared with those that are here, and nothing is written. */
  adds: boolean;
  /** The CTEs `judged` (with `n` from 1, and `verdict`) and `added`, which adds the new ones if `adds`. */
  write: (sql: Sql, items: Item[]) => Fragment;
}

/**
 * Writes rows by one statement, and tells the outcome what became of them. Where the database refuses a row, the others are
 * written without it.
 */
export async function writeBatch<Item>(db: Database, batch: Batch<Item>, outcome: Outcome): Promise<void> {
  const { table, items, adds } = batch;
  const [first] = items;
  if (!first) return;
  let judged: Judged[];
  try {
    judged = await db.run((sql) => statement(sql, batch), {
      // A row that another transaction adds at the same time is found by the next run.
      retryIf: (rows) =>
        adds && rows.some(({ verdict, count, added }) => verdict === 'new' && count !== added),
      conflicts: ['files_pkey'],
    });
  } catch (error) {
    // Violations of files_pkey that stay are told as a conflict of transactions.
    const cause = error instanceof Error && isFaultOfAnItem(error.cause) ? error.cause : error;
    if (!isFaultOfAnItem(cause)) throw error;
    if (items.length === 1) {
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
    if (verdict === 'new') tally.added += count;
    else if (verdict === 'standing') tally.standing += count;
    else for (const n of places ?? []) outcome.leave(table, items[n - 1]?.key ?? '', verdict);
  }
}

function statement<Item>(sql: Sql, { items, write }: Batch<Item>) {
  const parts = write(
    sql,
    items.map(({ item }) => item),
  );
  return sql<Judged[]>`
    with ${parts}
    select
      verdict,
      count(*)::integer as count,
      case when verdict not in ('new', 'standing') then json_agg(n) end as places,
      (select count(*)::integer from added) as added
    from judged
    group by verdict`;
}
