import type { Row } from 'postgres';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { LANES, Lanes } from '../lanes.js';
import type { Outcome } from '../outcome.js';
import type { Progress } from '../progress.js';
import { type Keyed, writeBatch } from '../write-batch.js';
import type { Parent, Rehearsal } from './rehearsal.js';
import { BATCH_ROWS, type Source, type SourceQuery } from './source.js';
import { Unfit } from './values.js';

/** A table of pict-rs, and how its rows are converted. */
export interface Part<R extends Row, Item extends object> {
  table: string;
  /** A condition on the rows that are imported; all by default. */
  where?: (sql: Sql) => Fragment;
  /**
   * Selects the rows.
   *
   * @param sample makes the condition for the rows to read; its argument is the column that selects a sample
   * @param isAlone whether parents must be looked for in the source, because a dry run has added none
   */
  read(source: Source, sample: (column: string) => Fragment, isAlone: boolean): SourceQuery<R>;
  /** The key of a row, as it is shown to the operator. */
  keyOf(row: R): string;
  /** @throws Unfit */
  convert(row: R, onRepaired: (from: string, to: string) => void): Item;
  /** The names under which other rows need this row, as `table key`. */
  brings?(row: R): string[];
  /**
   * The parent of a row, as `brings` names it, and its content if another one may have its name. `is_orphan` of the row
   * says whether the source lacks the parent.
   */
  needs?(row: R): Parent;
  /** The files of an item. Two items with the same file are not written by one statement. */
  files?(item: Item): string[];
  /** What only the first of several items gets, such as a unique key, as the database has it. */
  uniqueKey?(item: Item): string | undefined;
  /**
   * The CTEs `item`, `judged` (with `n` and `verdict`) and `added`, which inserts the new items if `adds`. They look up
   * parents by scalar subqueries, because the planner may read a whole table for `exists`.
   */
  write(sql: Sql, items: Item[], adds: boolean): Fragment;
  /** Whether rows must be written in the order in which they are read. */
  isOrdered?: boolean;
  /** How many rows are read at once, if they may be large. */
  batchRows?: number;
}

/** The options for the rows of a part. */
interface PartOptions {
  db: Database;
  outcome: Outcome;
  progress: Progress;
  /** Undefined if this is no dry run. */
  rehearsal?: Rehearsal;
  /** False for a comparison: rows are compared with the stored ones, and nothing is written. */
  adds: boolean;
  /** One of this many rows is read; a power of two. Each run reads the same rows. */
  oneOf: number;
}

/** A part without its type parameters. */
export interface RunnablePart {
  table: string;
  /** The number of rows in the source. */
  count(source: Source): Promise<number>;
  run(source: Source, options: PartOptions): Promise<void>;
}

export function runnable<R extends Row, Item extends object>(part: Part<R, Item>): RunnablePart {
  return {
    table: part.table,
    count: (source) => count(part, source),
    run: (source, options) => run(part, source, options),
  };
}

async function count<R extends Row, Item extends object>(
  { table, where }: Part<R, Item>,
  { sql }: Source,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from ${sql(table)} ${where ? sql`where ${where(sql)}` : sql``}`;
  return row?.count ?? 0;
}

async function run<R extends Row, Item extends object>(
  part: Part<R, Item>,
  source: Source,
  options: PartOptions,
): Promise<void> {
  const { db, outcome, progress, rehearsal, adds, oneOf } = options;
  const sample = (column: string): Fragment =>
    source.sql`
      coalesce(hashtext(${source.sql(column)}::text) & ${oneOf - 1}::integer, 0) = 0
      ${part.where ? source.sql`and ${part.where(source.sql)}` : source.sql``}`;
  const lanes = new Lanes(part.isOrdered ? 1 : LANES);
  progress.begin(part.table);
  for await (const rows of part
    .read(source, sample, rehearsal !== undefined)
    .cursor(part.batchRows ?? BATCH_ROWS)) {
    const items: Keyed<Item>[] = [];
    for (const row of rows) {
      const key = part.keyOf(row);
      const brings = part.brings?.(row) ?? [];
      const isOrphan = part.needs && rehearsal?.lacks(part.needs(row));
      if (isOrphan !== undefined) Object.assign(row, { is_orphan: isOrphan });
      try {
        const item = part.convert(row, (from, to) => outcome.repair(part.table, from, to));
        items.push({
          key,
          item,
          onLeft: () => rehearsal?.leave(brings),
          ...(rehearsal && {
            judge: (verdict) => {
              const [files, uniqueKey] = [part.files?.(item) ?? [], part.uniqueKey?.(item)];
              return rehearsal.judge({ verdict, brings, files, uniqueKey, item });
            },
          }),
        });
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        rehearsal?.leave(brings);
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

/** Splits a batch in which rows have a file in common: the statement for the second row must see the first one. */
function withoutSharedFiles<R extends Row, Item extends object>(
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
