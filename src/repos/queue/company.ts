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
  readonly #onMet: () => void;
  #isListening = false;
  #spokeAt = Number.NEGATIVE_INFINITY;
  #answer: NodeJS.Timeout | undefined;
  #unansweredSince: number | undefined;
  /** Own messages that have not come back. Where they do not, those of others would not come either. */
  #onTheirWay = 0;

  /**
   * @param speak says a word to the others
   * @param onMet this process may no longer be alone, as it was until now
   */
  constructor(speak: () => void, onMet: () => void) {
    this.#speak = speak;
    this.#onMet = onMet;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Nobody else hears what rings now. The ring before may still be on its way back. */
  get isAlone(): boolean {
    if (!this.#isListening || this.#onTheirWay > 1 || this.#unansweredSince === undefined) return false;
    return performance.now() - this.#unansweredSince > ALONE_AFTER_MS;
  }

  /** LISTEN stands. What was said before is lost. */
  listens(): void {
    this.#isListening = true;
    this.#meet();
    this.#speak();
  }

  /** The connection of LISTEN is lost. */
  goesDeaf(): void {
    this.#isListening = false;
  }

  /** This process sends a message; a ring is one that others answer. */
  speaks(isRing: boolean): void {
    this.#spokeAt = performance.now();
    this.#onTheirWay++;
    if (isRing) this.#unansweredSince ??= this.#spokeAt;
  }

  /** An own message has come back. */
  hearsItself(): void {
    this.#onTheirWay = 0;
  }

  /** Another process has sent a message. A ring is answered, unless this process says something else before. */
  hearsOther(isRing: boolean): void {
    this.#meet();
    if (!isRing || this.#answer) return;
    const spokeAt = this.#spokeAt;
    this.#answer = setTimeout(
      () => {
        this.#answer = undefined;
        if (this.#spokeAt === spokeAt) this.#speak();
      },
      Math.max(0, spokeAt + ANSWER_MS - performance.now()),
    );
  }

  close(): void {
    clearTimeout(this.#answer);
  }

  #meet(): void {
    const { isAlone } = this;
    this.#unansweredSince = undefined;
    if (isAlone) this.#onMet();
  }
}
