/** A task resolves to the duration of its run in milliseconds. */
type Task = () => Promise<number>;

/** After a long run the pause is this many times its duration. */
const PAUSE_FACTOR = 4;
/** The longest pause. It is limited because a long run may only have waited for a busy database. */
const MAX_PAUSE_MS = 10_000;

/**
 * Repeats tasks, with jitter, so that replicas do not run them at the same time. A task that failed is repeated too. A
 * task that has become slow runs less often: while somebody holds an old snapshot, each run reads all dead rows.
 */
export class Repeater {
  readonly onError: (error: unknown, message: string) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(onError: (error: unknown, message: string) => void) {
    this.onError = onError;
  }

  /** Runs the task with pauses of `from` to `to` milliseconds, or longer. */
  every([from, to]: [from: number, to: number], task: Task, failure: string): void {
    const repeat = (tookMs: number): void => {
      const pause = from + Math.random() * (to - from);
      const longer = Math.min(PAUSE_FACTOR * tookMs, MAX_PAUSE_MS) * (1 + Math.random() / 4);
      this.once(Math.max(pause, longer), task, failure, repeat);
    };
    repeat(0);
  }

  once(afterMs: number, task: Task, failure: string, then: (tookMs: number) => void = () => {}): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task().then(then, (error: unknown) => {
        this.onError(error, failure);
        then(0);
      });
    }, afterMs);
    this.#timers.add(timer);
  }

  /**
   * Runs passes until one says that there is no more to do, each after a pause of `pauseFactor` times the duration of the
   * one before. Returns the duration of the last pass, which had least to do: the cost of a search.
   */
  async passes(pass: () => Promise<boolean>, pauseFactor = 0): Promise<number> {
    for (;;) {
      const beganAt = performance.now();
      const hasMore = await pass();
      const tookMs = performance.now() - beganAt;
      if (!hasMore || this.#stopped) return tookMs;
      if (pauseFactor > 0)
        await new Promise<number>((resolve) => this.once(pauseFactor * tookMs, async () => 0, '', resolve));
    }
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** After this no task and no pass begins. What runs already goes on to its end. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
