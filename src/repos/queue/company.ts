/** Whoever hears a ring says so within this. */
const ANSWER_MS = 250;
/** After so much ringing that nobody answered, nobody is there. */
const ALONE_AFTER_MS = 4 * ANSWER_MS;

/**
 * Whether other processes listen to this one. Each is heard when it begins to listen, when it rings, and as it answers
 * the rings of others; who rings and hears nothing but itself is alone.
 */
export class Company {
  readonly #speak: () => void;
  #spokeAt = Number.NEGATIVE_INFINITY;
  #answer: NodeJS.Timeout | undefined;
  #unansweredSince: number | undefined;
  /** Own messages that have not come back. Where they do not, those of others would not come either. */
  #onTheirWay = 0;

  /** @param speak says a word to the others */
  constructor(speak: () => void) {
    this.#speak = speak;
  }

  /** What rings now is not heard by anybody else. */
  get isAlone(): boolean {
    const since = this.#unansweredSince;
    return since !== undefined && performance.now() - since > ALONE_AFTER_MS && this.#onTheirWay <= 1;
  }

  /** This process has sent a message; a ring is one that others answer. */
  spoke(isRing: boolean): void {
    this.#spokeAt = performance.now();
    this.#onTheirWay++;
    if (isRing) this.#unansweredSince ??= this.#spokeAt;
  }

  /** An own message has come back. */
  heardItself(): void {
    this.#onTheirWay = 0;
  }

  /** Another process has sent a message; a ring is answered, with others that come soon. */
  heardOther(isRing: boolean): void {
    this.#unansweredSince = undefined;
    if (!isRing) return;
    this.#answer ??= setTimeout(
      () => {
        this.#answer = undefined;
        this.#speak();
      },
      Math.max(0, this.#spokeAt + ANSWER_MS - performance.now()),
    );
  }

  /** This process hears from now on; what was said before is lost. */
  listens(): void {
    this.#unansweredSince = undefined;
    this.#speak();
  }

  close(): void {
    clearTimeout(this.#answer);
  }
}
