import type { Table } from './tables.js';

/** What a dry run has to remember, because it adds nothing: which rows an import would have left behind. */
export class Rehearsal {
  readonly #left = new Set<string>();

  /** @param row as JSON, which may be damaged */
  leave({ name, key }: Table, row: string): void {
    this.#left.add(nameOf(name, key, row));
  }

  /** Whether an import would have left behind what the row belongs to. */
  lacksParent({ parent }: Table, row: string): boolean {
    return (
      parent !== undefined && this.#left.size > 0 && this.#left.has(nameOf(parent.name, parent.columns, row))
    );
  }
}

function nameOf(table: string, columns: string[], row: string): string {
  let values: Record<string, unknown>;
  try {
    values = JSON.parse(row);
  } catch {
    return `${table} without a key`;
  }
  return JSON.stringify([table, ...columns.map((column) => values[column])]);
}
