import type { Reason } from '../outcome.js';
import { LEFT_PARENT, type Table } from './tables.js';

/** The rows that were left behind, because what belongs to them has to be left behind too. */
export class LeftBehind {
  /** Names of rows and files, with the hash of the row's content. */
  readonly #hashes = new Map<string, string>();
  /** Names of files with several owners, and whether a dry run would have added one of these. */
  readonly #shared = new Map<string, boolean>();

  /** @param row as JSON, which may be damaged */
  add({ name, key, files = [] }: Table, row: string): void {
    const values = parse(row);
    const names = [nameOf(name, key, values), ...files.map((file) => nameOf('files', [file], values))];
    for (const name of names) if (name !== undefined) this.#hashes.set(name, String(values['hash']));
  }

  /** Remembers a file with several owners, of which some may be left behind. */
  share(row: string): void {
    const name = nameOf('files', ['identifier'], parse(row));
    if (name !== undefined) this.#shared.set(name, false);
  }

  /** The verdict on a row in a dry run, which has not added the rows before. */
  judge({ name, files = [], parent }: Table, row: string, verdict: 'new' | Reason): 'new' | Reason {
    if (this.#shared.size === 0) return verdict;
    const values = parse(row);
    const fileIn = (column: string): string => nameOf('files', [column], values) ?? '';
    if (verdict === 'new') {
      for (const file of files.map(fileIn)) if (this.#shared.has(file)) this.#shared.set(file, true);
    }
    const isOfFile = name === 'files' || parent?.name === 'files';
    const isBrought = isOfFile && this.#shared.get(fileIn('identifier')) === true;
    return verdict === 'orphan' && isBrought ? 'new' : verdict;
  }

  /** Adds to a row whose parent was left behind the hash of that parent's content. */
  mark({ parent }: Table, row: string): { row: string; isMarked: boolean } {
    const name =
      parent && this.#hashes.size > 0 ? nameOf(parent.name, parent.columns, parse(row)) : undefined;
    const hash = name === undefined ? undefined : this.#hashes.get(name);
    if (hash === undefined) return { row, isMarked: false };
    return { row: `{"${LEFT_PARENT}":${JSON.stringify(hash)},${row.slice(1)}`, isMarked: true };
  }
}

function parse(row: string): Record<string, unknown> {
  try {
    return JSON.parse(row);
  } catch {
    return {};
  }
}

/** Undefined if the row lacks a value. */
function nameOf(table: string, columns: string[], values: Record<string, unknown>): string | undefined {
  const key = columns.map((column) => values[column]);
  return key.includes(undefined) ? undefined : JSON.stringify([table, ...key]);
}
