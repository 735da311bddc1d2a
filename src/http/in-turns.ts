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
