/** Resolves to what it cost, in milliseconds. */
type Task = () => Promise<number>;

/** After a run that cost much, the next one waits this many times as long. */
const REST = 4;
/** But not longer: it may only have waited for a database that was busy. */
const LONGEST_REST_MS = 10_000;

/**
 * Runs tasks again and again, with jitter, so that replicas do not march in step; a failure is no end. What has become
 * slow is made rarer: while somebody holds an old snapshot the dead rows stay, and looks read them all.
 */
export class Repeater {
  readonly #onError: (error: unknown, message: string) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(onError: (error: unknown, message: string) => void) {
    this.#onError = onError;
  }

  /** Pauses between `from` and `to` milliseconds after each run, or longer. */
  every([from, to]: [from: number, to: number], task: Task, failure: string): void {
    const repeat = (cost: number): void => {
      const pause = from + Math.random() * (to - from);
      const rest = Math.min(REST * cost, LONGEST_REST_MS) * (1 + Math.random() / 4);
      this.once(Math.max(pause, rest), task, failure, repeat);
    };
    repeat(0);
  }

  once(afterMs: number, task: Task, failure: string, then: (cost: number) => void = () => {}): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task().then(then, (error: unknown) => {
        this.#onError(error, failure);
        then(0);
      });
    }, afterMs);
    this.#timers.add(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
