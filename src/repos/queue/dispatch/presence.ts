/** A process answers the notifications of others at most this often. */
const ANSWER_MS = 250;
/** A process is alone when it has heard only its own notifications for this long. */
const ALONE_AFTER_MS = 4 * ANSWER_MS;

/** Whether other processes listen (docs/queue.md#notifications-and-presence). */
export class Presence {
  #spokeAt = Number.NEGATIVE_INFINITY;
  #unansweredSince: number | undefined;

  get isAlone(): boolean {
    return this.#unansweredSince !== undefined && this.#spokeAt - this.#unansweredSince > ALONE_AFTER_MS;
  }

  /** A notification of this process came back. If LISTEN does not work, none does, and the process never counts as alone. */
  heardItself(): void {
    this.#spokeAt = performance.now();
    this.#unansweredSince ??= this.#spokeAt;
  }

  /** Another process was heard. Returns whether to answer: a wake-up is answered, unless this process spoke just now. */
  heardOther(isWakeUp: boolean): boolean {
    this.#unansweredSince = undefined;
    if (!isWakeUp || performance.now() - this.#spokeAt < ANSWER_MS) return false;
    this.#spokeAt = performance.now();
    return true;
  }
}
