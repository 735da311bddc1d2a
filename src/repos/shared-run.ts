/** A computation for all who ask: one run at a time, and its result goes to each of them. */
export class SharedRun<Result> {
  readonly #compute: () => Promise<Result>;
  #running: Promise<Result> | undefined;
  /** The run after the running one, for requests that arrived after the running one had begun. */
  #next: Promise<Result> | undefined;

  constructor(compute: () => Promise<Result>) {
    this.#compute = compute;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The running computation, or a new one if none is running. */
  join(): Promise<Result> {
    this.#running ??= this.#compute().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** A computation that has not begun yet, so that it includes everything committed before the call. */
  anew(): Promise<Result> {
    if (!this.#running) return this.join();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.join();
      });
    return this.#next;
  }
}
