import type { Connection } from './connection.js';

/** A turn of the event loop that takes longer delays everybody. */
const LONG_TURN_MS = 5;
const MAX_PER_TURN = 256;

/** While connections are being accepted, none is read for this long, or for as long as the previous turn took. */
const PATIENCE_MS = 40;

/** Every eighth connection that is read is the oldest, not the newest. */
const OLDEST_EVERY = 8;

/**
 * Reads from new connections a few at a time. The first bytes of a connection may hold thousands of requests or parts,
 * and without this, many connections that come at once would be read in the same turn of the event loop.
 *
 * Connections that arrive meanwhile are accepted first, because Node accepts one in each turn. After a long turn only one
 * connection is read: the newest, so that a new client need not wait for a thousand before it. Now and then it is the
 * oldest, so that none waits for ever.
 */
export class NewConnections {
  /** Connections that are not read yet. */
  readonly #waiting: Connection[] = [];
  /** Connections that are read, and have not sent a request yet. */
  readonly #silent = new Set<Connection>();
  #perTurn = 1;
  #taken = 0;
  #isActive = false;
  #wasAccepting = false;
  #resumedAt = 0;
  #patientUntil = 0;
  #turnBegan: number | undefined;

  add(connection: Connection): void {
    this.#wasAccepting = true;
    // Node begins to read in the next tick, even if the socket is paused before.
    process.nextTick(() => this.#hold(connection));
  }

  /** Called when the first request of a connection has come. */
  begin(connection: Connection): void {
    this.#silent.delete(connection);
    const now = performance.now();
    if (this.#turnBegan === undefined) {
      this.#turnBegan = now;
      setImmediate(this.#endTurn);
    } else if (now - this.#turnBegan > LONG_TURN_MS) {
      for (const one of this.#silent) this.#hold(one);
      this.#silent.clear();
    }
  }

  drop(connection: Connection): void {
    this.#silent.delete(connection);
  }

  readonly #endTurn = (): void => {
    this.#turnBegan = undefined;
  };

  #hold(connection: Connection): void {
    connection.socket.pause();
    this.#waiting.push(connection);
    if (this.#isActive) return;
    this.#isActive = true;
    setImmediate(this.#resumeSome);
  }

  readonly #resumeSome = (): void => {
    const now = performance.now();
    if (this.#wasAccepting && now < this.#patientUntil) {
      this.#wasAccepting = false;
      setImmediate(this.#resumeSome);
      return;
    }
    this.#wasAccepting = false;
    this.#resumedAt = now;
    for (let count = 0; count < this.#perTurn && this.#waiting.length > 0; count++) this.#resumeNext();
    setImmediate(this.#goOn);
  };

  #resumeNext(): void {
    const next = ++this.#taken % OLDEST_EVERY === 0 ? this.#waiting.shift() : this.#waiting.pop();
    if (!next || next.socket.destroyed) return;
    this.#silent.add(next);
    next.socket.resume();
  }

  readonly #goOn = (): void => {
    const now = performance.now();
    const tookMs = now - this.#resumedAt;
    this.#perTurn = tookMs > LONG_TURN_MS ? 1 : Math.min(MAX_PER_TURN, 2 * this.#perTurn);
    this.#patientUntil = now + Math.max(PATIENCE_MS, tookMs);
    if (this.#waiting.length === 0) this.#isActive = false;
    else this.#resumeSome();
  };
}
