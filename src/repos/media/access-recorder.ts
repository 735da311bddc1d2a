/** So many accesses may wait to be written, of different images. Further ones are not recorded. */
const MAX_WAITING = 10_000;

/** Records accesses without anybody waiting for it. One may be lost: in a crash, or while the database is unavailable. */
export class AccessRecorder {
  readonly #waiting = new Set<string>();

  /** @param key of what was accessed; while an access of it is being written, another adds nothing */
  record(key: string, write: () => Promise<void>): void {
    if (this.#waiting.has(key) || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(key);
    const done = (): boolean => this.#waiting.delete(key);
    write().then(done, done);
  }
}
