import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientGone } from '../problems.js';

/** How many requests are answered in one turn of the event loop. */
const ANSWERED_IN_A_TURN = 250;

/** A kind of subject that requests wait for. */
export interface Subjects<Key, Row> {
  /** The prefix of the names of these subjects in notifications. */
  kind: string;
  /** The name of a key. It must be short and without a line end. */
  nameOf: (key: Key) => string;
  /** Reads the current state. Concurrent calls share a statement (../database/gathered-read.ts). */
  read: (key: Key) => Promise<Row>;
  /** Whether the state is final, so that no request has to wait. */
  isSettled: (row: Row) => boolean;
  /** Milliseconds after which the state may become final without a notification, such as the end of a lease. */
  settlesAfter?: (row: Row) => number | undefined;
}

/** A request that waits until its subject is settled. It uses no database connection. */
class Wait<Row> {
  /** Resolves once, with the state that was read last. Rejects if the read failed or the client has disconnected. */
  readonly answer: Promise<Row>;
  #last: Row | undefined;
  #isOver = false;
  readonly #timer: NodeJS.Timeout;
  readonly #onEnd: (wait: Wait<Row>) => void;
  #resolve!: (row: Row) => void;
  #reject!: (error: unknown) => void;

  constructor(seconds: number, onEnd: (wait: Wait<Row>) => void) {
    this.#onEnd = onEnd;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.end(), seconds * 1000);
  }

  /** Takes a state that was read after this request arrived. */
  update(row: Row, isSettled: boolean): void {
    this.#last = row;
    if (isSettled || this.#isOver) this.#finish(row);
  }

  fail(error: unknown): void {
    this.#close();
    this.#reject(error);
  }

  /** Ends the wait when its time is over. The answer is the state that was read last, or that is being read. */
  end(): void {
    this.#isOver = true;
    if (this.#last !== undefined) this.#finish(this.#last);
  }

  leave(): void {
    this.fail(new ClientGone());
  }

  #finish(row: Row): void {
    this.#close();
    this.#resolve(row);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#onEnd(this);
  }
}

/** A subject with the requests that wait for it. One read serves all of them. */
export class Subject<Key, Row> {
  readonly waits = new Set<Wait<Row>>();
  readonly #of: Subjects<Key, Row>;
  readonly #key: Key;
  readonly #onEmpty: () => void;
  #isStale = false;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(of: Subjects<Key, Row>, key: Key, onEmpty: () => void) {
    this.#of = of;
    this.#key = key;
    this.#onEmpty = onEmpty;
  }

  add(seconds: number): Wait<Row> {
    const wait = new Wait<Row>(seconds, (ended) => {
      if (!this.waits.delete(ended) || this.waits.size > 0) return;
      clearTimeout(this.#timer);
      this.#onEmpty();
    });
    this.waits.add(wait);
    return wait;
  }

  /** Reads the subject again because it may have changed. A read in flight ends first. */
  wake(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale();
    return this.#reading;
  }

  async #readWhileStale(): Promise<void> {
    while (this.#isStale && this.waits.size > 0) {
      this.#isStale = false;
      await this.#readOnce([...this.waits]);
    }
    this.#reading = undefined;
  }

  /** @param waits the requests that arrived before the read */
  async #readOnce(waits: Wait<Row>[]): Promise<void> {
    let act: (wait: Wait<Row>) => void;
    try {
      const row = await this.#of.read(this.#key);
      const isSettled = this.#of.isSettled(row);
      act = (wait) => wait.update(row, isSettled);
      if (!isSettled) this.#lookAfter(this.#of.settlesAfter?.(row));
    } catch (error) {
      act = (wait) => wait.fail(error);
    }
    for (const [n, wait] of waits.entries()) {
      if (this.waits.has(wait)) act(wait);
      if ((n + 1) % ANSWERED_IN_A_TURN === 0) await nextTurn();
    }
  }

  #lookAfter(ms: number | undefined): void {
    clearTimeout(this.#timer);
    if (ms !== undefined && this.waits.size > 0) this.#timer = setTimeout(() => void this.wake(), ms);
  }
}
