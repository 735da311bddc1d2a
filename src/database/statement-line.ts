import { unavailable } from '../problems.js';
import type { PooledSession } from './sessions.js';

/** How many statements may wait in a line. */
const MAX_WAITING = 10_000;

/** A statement's place in the order of arrival, and until when it waits. */
export interface Turn {
  /** Its number in the order of arrival, over all lines. */
  arrival: number;
  until: number;
  /** Until when it waits while the server refuses sessions. Infinite until a refusal is noticed. */
  refusedUntil: number;
}

interface Waiting {
  turn: Turn;
  admit: (session: PooledSession) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Places that several lines share. */
export interface SharedPlaces {
  readonly max: number;
  taken: number;
}

/** The statements of one class or operation: how many run, and those that wait, in the order of arrival. */
export class StatementLine {
  readonly #maxRunning: number;
  readonly #shared: SharedPlaces | undefined;
  #running = 0;
  readonly #waiting: Waiting[] = [];

  /** @param shared places of which each of its statements takes one too */
  constructor(maxRunning: number, shared?: SharedPlaces) {
    this.#maxRunning = maxRunning;
    this.#shared = shared;
  }

  get hasPlace(): boolean {
    const { max, taken } = this.#shared ?? { max: 1, taken: 0 };
    return this.#running < this.#maxRunning && taken < max;
  }

  takePlace(): void {
    this.#running++;
    if (this.#shared) this.#shared.taken++;
  }

  leavePlace(): void {
    this.#running--;
    if (this.#shared) this.#shared.taken--;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get first(): Turn | undefined {
    return this.#waiting[0]?.turn;
  }

  /** @param late makes the error for a statement that got no session in time */
  wait(turn: Turn, late: () => Error): Promise<PooledSession> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(unavailable('overloaded', 'Too many requests wait for a database connection.'));
    }
    return new Promise((admit, reject) => {
      const timer = setTimeout(
        () => this.reject((other) => other === turn, late),
        turn.until - performance.now(),
      );
      // A statement whose session was refused goes back to its place, before those that came after it.
      const before = this.#waiting.findLastIndex((other) => other.turn.arrival < turn.arrival);
      this.#waiting.splice(before + 1, 0, { turn, admit, reject, timer });
    });
  }

  admitFirst(session: PooledSession): void {
    const first = this.#waiting.shift();
    clearTimeout(first?.timer);
    first?.admit(session);
  }

  reject(isOver: (turn: Turn) => boolean, makeError: () => Error): void {
    for (const one of this.#waiting.filter(({ turn }) => isOver(turn))) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      clearTimeout(one.timer);
      one.reject(makeError());
    }
  }
}
