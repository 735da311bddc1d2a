import { closeSync, openSync, writeSync } from 'node:fs';
import { brief } from '../brief.js';

/** Why a row was left behind, in words for the operator. */
const REASONS = {
  null: 'a value is null',
  empty: 'a value is empty',
  too_long: 'a value is longer than the service takes',
  invalid_base64: 'its hash is no base64 of 1 to 64 bytes',
  invalid_hex: 'its value is no hex',
  invalid_name: 'its name has a character that no path can have: a control character, "/" or "\\"',
  invalid_time: 'a time is not of the years 1 to 9999',
  orphan: 'what it belongs to is not there',
  differs: 'another record stands here under its key',
  identifier_used: 'its file belongs to another content or variant',
  identifier_condemned: 'its file was named for deletion here',
  unique_key_used: 'a job with its unique key is here',
  refused: 'the database refused it',
} as const;

export type Reason = keyof typeof REASONS;

/** What became of the rows of a table. */
export interface Tally {
  read: number;
  added: number;
  /** They were here already. */
  standing: number;
  repaired: number;
  left: number;
}

/** So many rows of a kind are shown. The file has all. */
const MAX_SAMPLES = 10;

/** What a transfer did. It keeps a few samples in memory, and writes every row that it left behind, or repaired, to a file. */
export class Outcome {
  readonly tallies = new Map<string, Tally>();
  readonly #left = new Map<string, number>();
  readonly #samples = new Map<string, { count: number; lines: string[] }>();
  readonly #file: number | undefined;

  /** @param file where each row that was left behind or repaired becomes a line of JSON */
  constructor(file: string | undefined) {
    // Names of images are no secrets, but they are nobody else's business.
    this.#file = file === undefined ? undefined : openSync(file, 'w', 0o600);
  }

  tally(table: string): Tally {
    const known = this.tallies.get(table);
    if (known) return known;
    const tally = { read: 0, added: 0, standing: 0, repaired: 0, left: 0 };
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

  /** Tables with their numbers, then what was left behind and repaired. */
  describe(): string {
    const head = ['', 'read', 'added', 'standing', 'repaired', 'left behind'];
    const rows = [...this.tallies].map(([table, { read, added, standing, repaired, left }]) => [
      table,
      ...[read, added, standing, repaired, left].map((count) => count.toLocaleString('en-US')),
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
