import type { Row, TransactionSql } from 'postgres';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { Lanes } from '../lanes.js';
import type { Outcome } from '../outcome.js';
import type { Progress } from '../progress.js';
import { LANES } from '../target.js';
import { type Keyed, writeBatch } from '../write-batch.js';
import { BATCH_ROWS, type Source, type SourceQuery } from './source.js';
import { Unfit } from './values.js';

/** One table of pict-rs, and how its rows become rows of the service. */
export interface Part<R extends Row, Item> {
  table: string;
  /** Which rows are taken, where that is not all. */
  where?: (sql: TransactionSql) => Fragment;
  /**
   * Selects the rows.
   *
   * @param sample a condition that is true for the rows to read; its argument is a column that says which
   * @param isAlone whether parents must be looked for in the source, because none are added here
   */
  read(source: Source, sample: (column: string) => Fragment, isAlone: boolean): SourceQuery<R>;
  /** The key of a row, for the operator. */
  keyOf(row: R): string;
  /** @throws Unfit */
  convert(row: R, onRepaired: (from: string, to: string) => void): Item;
  /** The names of files that no other row of a statement may have. */
  files?(item: Item): string[];
  /**
   * The CTEs `item`, `judged` (with `n` and `verdict`) and `added`, which adds the new ones if `adds`. They look parents up by
   * scalar subqueries: for "exists" a plan may read all of a table.
   */
  write(sql: Sql, items: Item[], adds: boolean): Fragment;
  /** Whether rows are written in the order in which they are read. */
  isOrdered?: boolean;
  /** Rows that are read at once, where they may be large. */
  batchRows?: number;
}

/** How the rows of a part are taken. */
interface Way {
  db: Database;
  outcome: Outcome;
  progress: Progress;
  /** False: rows are compared with those that are here, and nothing is written. */
  adds: boolean;
  /** Reads one row of so many, a power of two; they are the same each time. */
  oneOf: number;
}

/** A part whose types nobody else has to know. */
export interface RunnablePart {
  table: string;
  /** How many rows the source has. */
  count(source: Source): Promise<number>;
  run(source: Source, way: Way): Promise<void>;
}

export function runnable<R extends Row, Item>(part: Part<R, Item>): RunnablePart {
  return {
    table: part.table,
    count: (source) => count(part, source),
    run: (source, way) => run(part, source, way),
  };
}

async function count<R extends Row, Item>({ table, where }: Part<R, Item>, { sql }: Source): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from ${sql(table)} ${where ? sql`where ${where(sql)}` : sql``}`;
  return row?.count ?? 0;
}

async function run<R extends Row, Item>(part: Part<R, Item>, source: Source, way: Way): Promise<void> {
  const { db, outcome, progress, adds, oneOf } = way;
  const sample = (column: string): Fragment =>
    source.sql`
      (hashtext(${source.sql(column)}::text) & ${oneOf - 1}::integer) = 0
      ${part.where ? source.sql`and ${part.where(source.sql)}` : source.sql``}`;
  const lanes = new Lanes(part.isOrdered ? 1 : LANES);
  progress.begin(part.table);
  for await (const rows of part.read(source, sample, !adds).cursor(part.batchRows ?? BATCH_ROWS)) {
    const items: Keyed<Item>[] = [];
    for (const row of rows) {
      const key = part.keyOf(row);
      try {
        items.push({ key, item: part.convert(row, (from, to) => outcome.repair(part.table, from, to)) });
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        outcome.leave(part.table, key, error.reason);
      }
    }
    await lanes.run(async () => {
      for (const batch of withoutSharedFiles(part, items)) {
        const write = (sql: Sql, written: Item[]): Fragment => part.write(sql, written, adds);
        await writeBatch(db, { table: part.table, items: batch, adds, write }, outcome);
      }
      outcome.tally(part.table).read += rows.length;
      progress.advance(rows.length);
    });
  }
  await lanes.settle();
}

/** Splits a batch where two of its rows have a file in common: the second one must see the first. */
function withoutSharedFiles<R extends Row, Item>(
  { files }: Part<R, Item>,
  items: Keyed<Item>[],
): Keyed<Item>[][] {
  if (!files) return [items];
  const seen = new Set<string>();
  const later: Keyed<Item>[] = [];
  const first = items.filter((keyed) => {
    const own = files(keyed.item);
    const isShared = own.some((file) => seen.has(file));
    for (const file of own) seen.add(file);
    if (isShared) later.push(keyed);
    return !isShared;
  });
  return later.length === 0 ? [first] : [first, ...later.map((keyed) => [keyed])];
}
