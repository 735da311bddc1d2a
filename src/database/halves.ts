/** So many go together anyway. */
const FEW = 8;
/** What is kept of the greatest number from one statement to the next. */
const KEPT = 0.95;

/**
 * How many of those that wait a statement is for: at most half of those that come and go, so that PostgreSQL
 * works for one half while this process answers the other. Taken all at once they come back all at once, and
 * one of the two is always idle.
 */
export class Halves {
  #last = 0;
  #crowd = 0;

  /** @param waiting how many wait now */
  most(waiting: number): number {
    this.#crowd = Math.max(waiting + this.#last, KEPT * this.#crowd);
    return Math.max(FEW, Math.ceil(this.#crowd / 2));
  }

  /** So many are being answered, and may come back. */
  answered(count: number): void {
    this.#last = count;
  }
}
