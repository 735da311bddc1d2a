type Task = () => Promise<void>;

/** Runs tasks again and again, with jitter, so that replicas do not march in step; a failure is no end. */
export class Repeater {
  readonly #onError: (error: unknown, message: string) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(onError: (error: unknown, message: string) => void) {
    this.#onError = onError;
  }

  /** Pauses between `from` and `to` milliseconds after each run. */
  every([from, to]: [from: number, to: number], task: Task, failure: string): void {
    const pause = from + Math.random() * (to - from);
    this.once(pause, task, failure, () => this.every([from, to], task, failure));
  }

  once(afterMs: number, task: Task, failure: string, then: () => void = () => {}): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task()
        .catch((error: unknown) => this.#onError(error, failure))
        .finally(then);
    }, afterMs);
    this.#timers.add(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
