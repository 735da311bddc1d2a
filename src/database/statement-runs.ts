/** A statement is late if calls have waited for it this long. Most statements take a millisecond or two. */
const LATE_MS = 20;

/** Statements that are sent one after the other. */
interface Run {
  isLate: boolean;
  end: Promise<void>;
}

/**
 * Decides when a coalescer sends its statements: each statement when the previous one is answered, so that calls gather
 * in between. If several statements may be in flight, calls wait no longer than LATE_MS for a late answer: another run
 * then begins beside the late one.
 */
export class StatementRuns {
  readonly #maxInFlight: number;
  readonly #isWaiting: () => boolean;
  readonly #send: () => Promise<void>;
  readonly #runs = new Set<Run>();
  /** The run whose statement is not late. Calls wait for its answer. */
  #punctual: Run | undefined;
  /** Set while calls wait. */
  #lateTimer: NodeJS.Timeout | undefined;

  /**
   * @param isWaiting whether there are calls that wait
   * @param send takes waiting calls, and sends their statement; resolves when they are answered
   */
  constructor(maxInFlight: number, isWaiting: () => boolean, send: () => Promise<void>) {
    this.#maxInFlight = maxInFlight;
    this.#isWaiting = isWaiting;
    this.#send = send;
  }

  /** To be called when a call waits. */
  wake(): void {
    if (this.#punctual) this.#watch();
    else this.#start();
  }

  /** Resolves when nothing waits and all is answered. */
  async idle(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(Array.from(this.#runs, ({ end }) => end));
  }

  #start(): void {
    if (this.#runs.size >= this.#maxInFlight) return;
    const run: Run = { isLate: false, end: Promise.resolve() };
    this.#runs.add(run);
    this.#punctual = run;
    run.end = this.#follow(run);
  }

  async #follow(run: Run): Promise<void> {
    // Calls of the same turn of the event loop share a statement.
    await Promise.resolve();
    while (this.#isWaiting()) {
      clearTimeout(this.#lateTimer);
      this.#lateTimer = undefined;
      const answered = this.#send();
      if (this.#isWaiting()) this.#watch();
      await answered;
      if (!run.isLate) continue;
      // Another run has taken over.
      if (this.#punctual) break;
      run.isLate = false;
      this.#punctual = run;
    }
    if (this.#punctual === run) this.#punctual = undefined;
    this.#runs.delete(run);
  }

  #watch(): void {
    if (this.#maxInFlight > 1) this.#lateTimer ??= setTimeout(this.#whenLate, LATE_MS);
  }

  readonly #whenLate = (): void => {
    this.#lateTimer = undefined;
    if (this.#punctual) this.#punctual.isLate = true;
    this.#punctual = undefined;
    this.#start();
  };
}
