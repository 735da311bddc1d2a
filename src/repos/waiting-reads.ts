import { unavailable } from '../problems.js';
import { Repeater } from './repeater.js';
import { Subject, type Subjects } from './waiting-read.js';

export interface WaitOptions {
  seconds: number;
  onClientGone: (listener: () => void) => void;
}

interface Dependencies {
  /** Tells other processes that the subject has changed, with a small delay and together with other subjects. */
  announce: (name: string) => void;
  /** How many requests may wait at the same time. */
  maxWaits: number;
  onError: (error: unknown, message: string) => void;
}

/** How many subjects one statement of the regular check reads. */
const LOOKED_AT_TOGETHER = 1000;

const CROWDED = unavailable('overloaded', 'Too many requests wait on this process.');

/**
 * Requests that wait until a subject is settled. A waiting request holds no database connection. Its subject is read
 * when the request arrives, when a process announces a change, and every one to two seconds in case a notification was
 * lost (docs/media.md#waits).
 */
export class WaitingReads {
  readonly #with: Dependencies;
  readonly #repeater: Repeater;
  /** The subjects by their names in notifications. */
  readonly #subjects = new Map<string, { wake: () => Promise<void>; waits: Set<{ end: () => void }> }>();
  #count = 0;
  #isStopped = false;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    this.#repeater = new Repeater(dependencies.onError);
  }

  /** How many requests are waiting. */
  get count(): number {
    return this.#count;
  }

  /** Returns the functions for a kind of subject: one reads and waits, the other announces changes. */
  of<Key, Row>(subjects: Subjects<Key, Row>) {
    const { kind, nameOf, read, isSettled } = subjects;
    const waited = new Map<string, Subject<Key, Row>>();
    const subjectOf = (key: Key): Subject<Key, Row> => {
      const name = `${kind}/${nameOf(key)}`;
      const known = waited.get(name);
      if (known) return known;
      const subject = new Subject(subjects, key, () => {
        waited.delete(name);
        this.#subjects.delete(name);
      });
      waited.set(name, subject);
      this.#subjects.set(name, subject);
      return subject;
    };
    return {
      /** Resolves to the state once it is settled, or when the time is over. */
      read: async (key: Key, { seconds, onClientGone }: WaitOptions): Promise<Row> => {
        const isCrowded = seconds > 0 && this.#count >= this.#with.maxWaits;
        if (seconds === 0 || isCrowded || this.#isStopped) {
          const row = await read(key);
          if (isCrowded && !this.#isStopped && !isSettled(row)) throw CROWDED;
          return row;
        }
        const subject = subjectOf(key);
        const wait = subject.add(seconds);
        onClientGone(() => wait.leave());
        this.#count++;
        void subject.wake();
        try {
          return await wait.answer;
        } finally {
          this.#count--;
        }
      },

      /** Announces a change. Call it after the commit. */
      changed: (key: Key): void => {
        const name = `${kind}/${nameOf(key)}`;
        void waited.get(name)?.wake();
        this.#with.announce(name);
      },
    };
  }

  /** Reads a subject again, because another process has announced a change. */
  wake(name: string): void {
    void this.#subjects.get(name)?.wake();
  }

  /** Reads all subjects again, because notifications may have been missed. */
  wakeAll(): void {
    this.#lookAgain().catch((error: unknown) => this.#with.onError(error, FAILED));
  }

  start(): void {
    this.#repeater.every([1000, 2000], () => this.#lookAgain(), FAILED);
  }

  /** Answers all waiting requests with the current state. Later requests do not wait. */
  stop(): void {
    this.#isStopped = true;
    this.#repeater.stop();
    for (const { waits } of this.#subjects.values()) for (const wait of [...waits]) wait.end();
  }

  async #lookAgain(): Promise<number> {
    const beganAt = performance.now();
    const names = [...this.#subjects.keys()];
    for (let at = 0; at < names.length && !this.#isStopped; at += LOOKED_AT_TOGETHER) {
      const some = names.slice(at, at + LOOKED_AT_TOGETHER);
      await Promise.all(some.map(async (name) => await this.#subjects.get(name)?.wake()));
    }
    return performance.now() - beganAt;
  }
}

const FAILED = 'looking at what requests wait for failed';
