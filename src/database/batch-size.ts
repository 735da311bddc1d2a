/** Up to this number of waiting callers, one statement takes all of them. */
const MIN_LIMIT = 8;
/** From one statement to the next, the greatest number of callers is remembered in this proportion. */
const REMEMBERED = 0.95;

/**
 * How many of the waiting callers one statement takes: at most half of the active callers. PostgreSQL then works for one
 * half while this process answers the other half. If a statement took all callers, they would all come back together, and
 * either PostgreSQL or this process would always be idle.
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
