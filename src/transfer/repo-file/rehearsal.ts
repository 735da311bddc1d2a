import type { Table } from './tables.js';

/** What a dry run has to remember, because it adds nothing: which rows an import would have left behind. */
export class Rehearsal {
  readonly #left = new Set<string>();

  /** @param row as JSON */
  leave(table: Table, row: string): void {
    this.#left.add(nameOf(table.name, table.key, row));
  }

  /** Whether an import would have left behind what the row belongs to. */
  lacksParent({ parent }: Table, row: string): boolean {
    return (
      parent !== undefined && this.#left.size > 0 && this.#left.has(nameOf(parent.name, parent.columns, row))
    );
  }
}

function nameOf(table: string, columns: string[], row: string): string {
  const values = JSON.parse(row);
  return JSON.stringify([table, ...columns.map((column) => values[column])]);
}
