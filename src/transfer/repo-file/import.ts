import type { Database, Fragment, Sql } from '../../database/database.js';
import { knownMigrations } from '../../database/migrate.js';
import { TransferError } from '../error.js';
import { LANES, Lanes } from '../lanes.js';
import type { Outcome } from '../outcome.js';
import { type Output, Progress } from '../progress.js';
import { type Keyed, writeBatch } from '../write-batch.js';
import { type Header, readEnd, readHeader } from './format.js';
import { LeftBehind } from './left-behind.js';
import { continueSequences, markShared, readTargetColumns, rowsOf } from './statements.js';
import { readLines } from './streams.js';
import { type Column, TABLES, type Table } from './tables.js';

/** How many rows and characters one statement writes. */
const BATCH_ROWS = 2000;
const BATCH_CHARACTERS = 4 * 1024 * 1024;

interface ImportOptions {
  /** `-` for standard input. */
  file: string;
  dryRun: boolean;
  outcome: Outcome;
  output: Output;
}

/**
 * Imports a file that `exportRepo` wrote. Existing rows are not changed, so an import that was interrupted can be
 * continued.
 *
 * @throws TransferError for another kind of file, an export of a newer version, and an incomplete one
 */
export async function importRepo(db: Database, options: ImportOptions): Promise<void> {
  const { file, outcome } = options;
  const lines = readLines(file);
  const first = await lines.next();
  const header = readHeader(file, first.done ? undefined : first.value);
  if (!(await knownMigrations()).includes(header.schema)) {
    throw new TransferError(
      `${file} is of a newer version, pict-repo ${header.version} (at ${header.schema}). Nothing was changed.`,
    );
  }
  for (const table of Object.keys(header.rows)) outcome.tally(table);
  const reader = new FileImport(db, options, header, await readTargetColumns(db));
  let number = 1;
  let end: Record<string, number> | undefined;
  for await (const line of lines) {
    number += 1;
    if (end) throw new TransferError(`${file} goes on after its end, at line ${number}.`);
    end = readEnd(line);
    if (!end) await reader.take(line, number);
  }
  await reader.finish();
  if (!end) {
    throw new TransferError(
      `${file} was cut: its last line is missing. The ${number - 1} rows that it has were taken; import the whole file.`,
    );
  }
  for (const [table, count] of Object.entries({ ...header.rows, ...end })) {
    const { read, added, existing, left } = outcome.tally(table);
    if (read !== count || added + existing + left !== count) {
      throw new TransferError(
        `${file} should have ${count} rows of ${table}, of which ${read} were read and ${added + existing + left} accounted for.`,
      );
    }
  }
}

class FileImport {
  readonly #db: Database;
  readonly #options: ImportOptions;
  readonly #header: Header;
  readonly #columns: Map<string, Column[]>;
  readonly #progress: Progress;
  /**
   * Rows of files with several owners. They are written last, after the triggers have made other rows for these files.
   */
  readonly #shared: Keyed<string>[] = [];
  #lanes = new Lanes(LANES);
  #table: Table | undefined;
  readonly #left = new LeftBehind();
  #batch: Keyed<string>[] = [];
  #characters = 0;
  /** Whether a row of the batch belongs to one that was left behind. */
  #isMarked = false;

  constructor(db: Database, options: ImportOptions, header: Header, columns: Map<string, Column[]>) {
    this.#db = db;
    this.#options = options;
    this.#header = header;
    this.#columns = columns;
    const total = Object.values(header.rows).reduce((sum, count) => sum + count, 0);
    this.#progress = new Progress(total, options.output);
  }

  async take(line: string, number: number): Promise<void> {
    const { file, dryRun, outcome } = this.#options;
    const [, name] = /^\{"([a-z_]+)":\{/.exec(line) ?? [];
    const table = TABLES.find((table) => table.name === name);
    if (!table || !line.endsWith('}}')) {
      throw new TransferError(`${file} is damaged: line ${number} is not a row of an export.`);
    }
    if (table !== this.#table) await this.#begin(table);
    const sent = line.slice(table.name.length + '{"":'.length, -1);
    const { row: item, isMarked } = this.#left.mark(table, sent);
    const row: Keyed<string> = {
      key: `line ${number}`,
      item,
      onLeft: () => this.#left.add(table, sent),
      ...(dryRun && { judge: (verdict) => this.#left.judge(table, sent, verdict) }),
    };
    outcome.tally(table.name).read += 1;
    if (table.name === 'files' && item.includes('"is_shared":true')) {
      this.#shared.push(row);
      this.#left.share(sent);
    } else {
      this.#batch.push(row);
      this.#isMarked ||= isMarked;
      this.#characters += row.item.length;
    }
    if (this.#batch.length >= BATCH_ROWS || this.#characters >= BATCH_CHARACTERS) await this.#flush();
  }

  /** Resolves when all rows are written. */
  async finish(): Promise<void> {
    await this.#settle();
    const { dryRun, outcome } = this.#options;
    const columns = this.#columnsOf('files');
    const write = { table: 'files', items: this.#shared, adds: !dryRun };
    await writeBatch(
      this.#db,
      { ...write, write: (sql, items) => markShared(sql, columns, items, !dryRun) },
      outcome,
    );
    if (!dryRun) await continueSequences(this.#db, this.#columns);
    this.#progress.end();
  }

  /** Waits until the rows of the previous table are written, because children need their parents. */
  async #begin(table: Table): Promise<void> {
    const names = this.#columnsOf(table.name).map(({ name }) => name);
    const { key, files = [], parent } = table;
    if ([...key, ...files, ...(parent?.columns ?? [])].some((name) => !names.includes(name)))
      throw new TransferError(
        `${this.#options.file} is damaged: its first line lacks columns of ${table.name}.`,
      );
    await this.#settle();
    this.#lanes = new Lanes(LANES);
    this.#table = table;
    this.#progress.begin(table.name);
  }

  async #settle(): Promise<void> {
    await this.#flush();
    await this.#lanes.settle();
  }

  async #flush(): Promise<void> {
    const [table, items, isMarked] = [this.#table, this.#batch, this.#isMarked];
    if (!table || items.length === 0) return;
    this.#batch = [];
    this.#characters = 0;
    this.#isMarked = false;
    const { dryRun, outcome } = this.#options;
    const columns = this.#columnsOf(table.name);
    const shared = this.#shared.map(({ item }) => item);
    await this.#lanes.run(async () => {
      const adds = !dryRun;
      const write = (sql: Sql, rows: string[], isTried = false): Fragment =>
        rowsOf(sql, { table, columns, rows, shared, adds, isTried });
      // Usually nothing stands in the way of any row, and to look for it would take a tenth of the time. The database
      // itself would refuse neither a row that is marked nor a shared file that is condemned here.
      const mayTry = adds && !isMarked && !(table.files && shared.length > 0);
      const attempt = mayTry && { attempt: (sql: Sql, rows: string[]) => write(sql, rows, true) };
      await writeBatch(this.#db, { table: table.name, items, adds, write, ...attempt }, outcome);
      this.#progress.advance(items.length);
    });
  }

  /** The columns that the file has. Other columns get their default. */
  #columnsOf(table: string): Column[] {
    const names = this.#header.columns[table] ?? [];
    return (this.#columns.get(table) ?? []).filter(({ name }) => names.includes(name));
  }
}
