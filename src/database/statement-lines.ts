import type { Requesters } from '../requester.js';
import type { StatementClass } from './database.js';
import { type SharedPlaces, StatementLine, type Turn } from './statement-line.js';

/** The part of the places that bulk reads may hold at once, but always at least one. */
const BULK_SHARE = 0.1;
/** The part of the places that one operation may hold with statements that serve a single request each. */
const OPERATION_SHARE = 0.6;
/** The part of the places that all such statements leave free for those that serve many requests. */
const FREE_SHARE = 0.2;
/** Even in a small pool one operation, whose row is locked, must leave a place for the others. */
const MIN_PLACES = 2;

/**
 * The lines in which statements wait for a place.
 *
 * Bulk reads hold a small share of the places. While a bulk read waits for that share, ordinary statements overtake it.
 *
 * A statement that serves a single request may wait for a lock of another transaction, for as long as a statement may
 * run. If many requests want the same row, their statements hold a part of the places, and other operations overtake
 * those that wait for a place.
 */
export class StatementLines {
  readonly #size: number;
  readonly #ordinary: StatementLine;
  readonly #bulk: StatementLine;
  /** The lines of operations, for their statements that serve a single request. */
  readonly #operations = new Map<string, StatementLine>();
  readonly #ofOperations: SharedPlaces;
  readonly #all: StatementLine[];

  /** @param size the number of places */
  constructor(size: number) {
    this.#size = size;
    this.#ordinary = new StatementLine(size);
    this.#bulk = new StatementLine(Math.max(1, Math.floor(size * BULK_SHARE)));
    const max = Math.max(Math.min(size, MIN_PLACES), size - Math.ceil(size * FREE_SHARE));
    this.#ofOperations = { max, taken: 0 };
    this.#all = [this.#ordinary, this.#bulk];
  }

  /** How many statements wait. */
  get waiting(): number {
    return this.#all.reduce((sum, line) => sum + line.waiting, 0);
  }

  /** The line of a statement. One that serves many requests has a list of requesters, and no operation. */
  of(statementClass: StatementClass, requesters: Requesters | undefined): StatementLine {
    if (statementClass === 'bulk') return this.#bulk;
    if (requesters === undefined || !('operation' in requesters)) return this.#ordinary;
    const { operation } = requesters;
    let line = this.#operations.get(operation);
    if (!line) {
      line = new StatementLine(Math.max(1, Math.floor(this.#size * OPERATION_SHARE)), this.#ofOperations);
      this.#operations.set(operation, line);
      this.#all.push(line);
    }
    return line;
  }

  /** Of the lines that have a place, the one whose first statement has waited longest. */
  next(): StatementLine | undefined {
    let next: StatementLine | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const line of this.#all) {
      const arrival = line.hasPlace ? line.first?.arrival : undefined;
      if (arrival === undefined || arrival > earliest) continue;
      next = line;
      earliest = arrival;
    }
    return next;
  }

  reject(isOver: (turn: Turn) => boolean, makeError: () => Error): void {
    for (const line of this.#all) line.reject(isOver, makeError);
  }
}
