import type { Row } from 'postgres';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { isFaultOfAnItem } from '../../database/errors.js';
import { Lanes } from '../lanes.js';
import type { Outcome, Reason } from '../outcome.js';
import type { Progress } from '../progress.js';
import { LANES } from '../target.js';
import { BATCH_ROWS, type Source, type SourceQuery } from './source.js';
import { Unfit } from './values.js';

/** One table of pict-rs, and how its rows become rows of the service. */
export interface Part<R extends Row, Item> {
  table: string;
  /**
   * Selects the rows.
   *
   * @param sample a condition that is true for the rows to read
   * @param isAlone whether parents must be looked for in the source, because none are added here
   */
  read(source: Source, sample: (column: string) => Fragment, isAlone: boolean): SourceQuery<R>;
  /** The key of a row, for the operator. */
  keyOf(row: R): string;
  /** @throws Unfit */
  convert(row: R, onRepaired: (from: string, to: string) => void): Item;
  /** The names of files that no other row of a statement may have. */
  files?(item: Item): string[];
  /** The CTEs `item`, `judged` (with `n` and `state`) and `added`, which adds the new ones if `adds`. */
  write(sql: Sql, items: Item[], adds: boolean): Fragment;
  /** Whether rows are written in the order in which they are read. */
  isOrdered?: boolean;
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

interface Judged {
  state: 'new' | 'standing' | Reason;
  count: number;
  /** The numbers of the items, where they are left behind. */
  places: number[] | null;
  added: number;
}

/** A part whose types nobody else has to know. */
export interface RunnablePart {
  table: string;
  run(source: Source, way: Way): Promise<void>;
}

export function runnable<R extends Row, Item>(part: Part<R, Item>): RunnablePart {
  return { table: part.table, run: (source, way) => run(part, source, way) };
}

async function run<R extends Row, Item>(part: Part<R, Item>, source: Source, way: Way): Promise<void> {
  const { outcome, progress, adds, oneOf } = way;
  const sample = (column: string): Fragment =>
    source.sql`(hashtext(${source.sql(column)}::text) & ${oneOf - 1}::integer) = 0`;
  const lanes = new Lanes(part.isOrdered ? 1 : LANES);
  progress.begin(part.table);
  for await (const rows of part.read(source, sample, !adds).cursor(BATCH_ROWS)) {
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
      for (const batch of withoutSharedFiles(part, items)) await write(part, batch, way);
      outcome.tally(part.table).read += rows.length;
      progress.advance(rows.length);
    });
  }
  await lanes.settle();
}

interface Keyed<Item> {
  key: string;
  item: Item;
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

async function write<R extends Row, Item>(
  part: Part<R, Item>,
  items: Keyed<Item>[],
  way: Way,
): Promise<void> {
  if (items.length === 0) return;
  const { db, outcome, adds } = way;
  let judged: Judged[];
  try {
    judged = await db.run((sql) => statement(sql, part, items, adds), {
      // A row that another transaction adds at the same time is found by the next run.
      retryIf: (rows) => adds && rows.some(({ state, count, added }) => state === 'new' && count !== added),
      conflicts: ['files_pkey'],
    });
  } catch (error) {
    if (!isFaultOfAnItem(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only) {
      outcome.leave(part.table, only.key, 'refused', error instanceof Error ? error.message : String(error));
      return;
    }
    const half = Math.ceil(items.length / 2);
    await write(part, items.slice(0, half), way);
    await write(part, items.slice(half), way);
    return;
  }
  const tally = outcome.tally(part.table);
  for (const { state, count, places } of judged) {
    if (state === 'new') tally.added += count;
    else if (state === 'standing') tally.standing += count;
    else for (const n of places ?? []) outcome.leave(part.table, items[n - 1]?.key ?? '', state);
  }
}

function statement<R extends Row, Item>(sql: Sql, part: Part<R, Item>, items: Keyed<Item>[], adds: boolean) {
  const parts = part.write(
    sql,
    items.map(({ item }) => item),
    adds,
  );
  return sql<Judged[]>`
    with ${parts}
    select
      state,
      count(*)::integer as count,
      case when state not in ('new', 'standing') then json_agg(n) end as places,
      (select count(*)::integer from added) as added
    from judged
    group by state`;
}
