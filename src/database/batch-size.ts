/** Up to this number of waiting callers, one statement takes all of them. */
const MIN_LIMIT = 8;
/** The part of the greatest number of callers that is remembered from one statement to the next. */
const REMEMBERED = 0.95;

/**
 * How many of the waiting callers one statement takes: at most half of those that come and go. PostgreSQL then works
 * for one half while this process answers the other. Taken all at once they would come back all at once, and one of
 * the two would always be idle.
 */
export class BatchSize {
  #answered = 0;
  #callers = 0;

  /** @param waiting how many callers wait now */
  limit(waiting: number): number {
    this.#callers = Math.max(waiting + this.#answered, REMEMBERED * this.#callers);
    return Math.max(MIN_LIMIT, Math.ceil(this.#callers / 2));
  }

  /** Says how many callers the statement takes; they are answered together, and may come back. */
  answered(count: number): void {
    this.#answered = count;
  }
}
