import type { IncomingMessage } from 'node:http';

/** Bytes that are read from one body before other bodies have their turn. */
export const BYTES_PER_TURN = 256 * 1024;

/** Does a bounded number of things in each turn of the event loop, first come, first served. */
export class InTurns<Thing> {
  readonly #perTurn: number;
  readonly #act: (thing: Thing) => void;
  readonly #waiting: Thing[] = [];

  constructor(perTurn: number, act: (thing: Thing) => void) {
    this.#perTurn = perTurn;
    this.#act = act;
  }

  add(thing: Thing): void {
    this.#waiting.push(thing);
    if (this.#waiting.length === 1) setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const some = this.#waiting.splice(0, this.#perTurn);
    if (this.#waiting.length > 0) setImmediate(this.#next);
    for (const thing of some) this.#act(thing);
  };
}

/** Discards what still comes of a body, in turns with the other bodies. */
export function discard(body: IncomingMessage, bodies: InTurns<IncomingMessage>): void {
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes < BYTES_PER_TURN) return;
    bytes = 0;
    body.pause();
    bodies.add(body);
  });
  body.resume();
}
