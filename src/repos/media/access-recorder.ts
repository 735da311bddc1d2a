/** How many accesses of different images may wait to be written. Further ones are not recorded. */
const MAX_WAITING = 10_000;

/** Records accesses in the background. An access may be lost in a crash or while the database is unavailable. */
export class AccessRecorder {
  readonly #waiting = new Set<string>();

  /** @param key names what was accessed; nothing is recorded while an access with the same key is being written */
  record(key: string, write: () => Promise<void>): void {
    if (this.#waiting.has(key) || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(key);
    const done = (): boolean => this.#waiting.delete(key);
    write().then(done, done);
  }
}
