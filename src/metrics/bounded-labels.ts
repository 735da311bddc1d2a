/** A label that was not used for this long can be replaced by another one. */
const IDLE_MS = 15 * 60_000;

/**
 * Decides which names get series of their own, so that the number of series is bounded whatever names there are. Names
 * that are no longer used make room for others.
 */
export class BoundedLabels {
  readonly #max: number;
  readonly #onLeft: (name: string) => void;
  /** When each name was used last; the one that was used longest ago comes first. */
  readonly #usedAt = new Map<string, number>();

  /** @param onLeft this name has lost its place */
  constructor(max: number, onLeft: (name: string) => void) {
    this.#max = max;
    this.#onLeft = onLeft;
  }

  /** The label of a name: the name itself, or the empty text if no place is free. */
  of(name: string): string {
    if (!this.#usedAt.delete(name) && !this.#hasRoom()) return '';
    this.#usedAt.set(name, performance.now());
    return name;
  }

  #hasRoom(): boolean {
    if (this.#usedAt.size < this.#max) return true;
    for (const [name, usedAt] of this.#usedAt) {
      if (performance.now() - usedAt < IDLE_MS) return false;
      this.#usedAt.delete(name);
      this.#onLeft(name);
      return true;
    }
    return false;
  }
}
