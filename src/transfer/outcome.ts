import { closeSync, openSync, writeSync } from 'node:fs';
import { brief } from '../brief.js';

/** Why a row was not imported, in words for the operator. */
const REASONS = {
  null: 'a value is null',
  empty: 'a value is empty',
  too_long: 'a value is longer than the service takes',
  invalid_base64: 'its hash is not base64 of 1 to 64 bytes',
  invalid_hex: 'its value is not hex',
  invalid_name: 'its name has a character that no path can have: a control character, "/" or "\\"',
  orphan: 'the record that it belongs to does not exist',
  differs: 'a different record with its key exists here',
  identifier_used: 'its file belongs to another content or variant',
  identifier_condemned: 'its file is condemned here',
  unique_key_used: 'a job with its unique key exists here',
  refused: 'the database refused it',
} as const;

export type Reason = keyof typeof REASONS;

/** The numbers of rows of a table, by what became of them. */
export interface Tally {
  read: number;
  added: number;
  /** Rows that the database had already. */
  existing: number;
  repaired: number;
  left: number;
}

/** How many rows of a kind are shown. The file has all of them. */
const MAX_SAMPLES = 10;

/**
 * The result of a transfer. It keeps a few samples in memory, and writes every row that was left behind or repaired to
 * a file.
 */
export class Outcome {
  readonly tallies = new Map<string, Tally>();
  readonly #left = new Map<string, number>();
  readonly #samples = new Map<string, { count: number; lines: string[] }>();
  readonly #file: number | undefined;

  /** @param file where each row that was left behind or repaired becomes a line of JSON */
  constructor(file: string | undefined) {
    // Only the owner may read the file, because it names images of users.
    this.#file = file === undefined ? undefined : openSync(file, 'w', 0o600);
  }

  tally(table: string): Tally {
    const known = this.tallies.get(table);
    if (known) return known;
    const tally = { read: 0, added: 0, existing: 0, repaired: 0, left: 0 };
    this.tallies.set(table, tally);
    return tally;
  }

  leave(table: string, key: string, reason: Reason, detail?: string): void {
    this.tally(table).left += 1;
    this.#left.set(`${table} ${reason}`, this.leftFor(table, reason) + 1);
    const why = detail === undefined ? REASONS[reason] : `${REASONS[reason]}: ${detail}`;
    this.#note(
      `${table}: left behind, because ${REASONS[reason]}`,
      `${brief(key)}${detail ? ` (${detail})` : ''}`,
      {
        left_behind: table,
        key,
        reason,
        why,
      },
    );
  }

  repair(table: string, from: string, to: string): void {
    this.tally(table).repaired += 1;
    this.#note(`${table}: repaired`, `${JSON.stringify(brief(from))} is ${to}`, {
      repaired: table,
      from,
      to,
    });
  }

  /** How many rows of a table were left behind for a reason. */
  leftFor(table: string, reason: Reason): number {
    return this.#left.get(`${table} ${reason}`) ?? 0;
  }

  /** How many rows were left behind. */
  get left(): number {
    return [...this.tallies.values()].reduce((sum, { left }) => sum + left, 0);
  }

  /** A table of the numbers, then the rows that were left behind or repaired. */
  describe(): string {
    const head = ['', 'read', 'added', 'existing', 'repaired', 'left behind'];
    const rows = [...this.tallies].map(([table, { read, added, existing, repaired, left }]) => [
      table,
      ...[read, added, existing, repaired, left].map((count) => count.toLocaleString('en-US')),
    ]);
    const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]?.length ?? 0)));
    const lines = [head, ...rows].map((row) =>
      row
        .map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
        .join('  '),
    );
    for (const [title, { count, lines: samples }] of this.#samples) {
      lines.push('', `${title} (${count.toLocaleString('en-US')}):`, ...samples.map((line) => `  ${line}`));
      if (count > samples.length) lines.push('  …');
    }
    return lines.join('\n');
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #note(title: string, sample: string, record: object): void {
    const known = this.#samples.get(title) ?? { count: 0, lines: [] };
    known.count += 1;
    if (known.lines.length < MAX_SAMPLES) known.lines.push(sample);
    this.#samples.set(title, known);
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(record)}\n`);
  }
}
