import type { Database } from '../../database/database.js';
import { type ClaimSettings, claimJobs, lookingSlots, type Slot } from './claim.js';
import type { Lease } from './lease.js';
import { LowMarks, type Mark } from './low-marks.js';
import type { QueueObserver } from './observer.js';
import { QueuePolls, type Reservation } from './polls.js';

/** Queues whose marks are kept; a queue beyond that begins anew with a full look. */
const MOST_MARKS = 10_000;

/** The parked polls of this process, by queue, and where the claims for them begin. */
export class Parking {
  readonly #db: Database;
  readonly #settings: ClaimSettings;
  readonly #observer: QueueObserver;
  readonly #polls = new Map<string, QueuePolls>();
  readonly #marks = new Map<string, LowMarks>();

  constructor(db: Database, settings: ClaimSettings, observer: QueueObserver) {
    this.#db = db;
    this.#settings = settings;
    this.#observer = observer;
  }

  at(queue: string): QueuePolls {
    const known = this.#polls.get(queue);
    if (known) return known;
    const polls = new QueuePolls(queue, (name, slots, done) => this.#claim(name, slots, done));
    this.#polls.set(queue, polls);
    return polls;
  }

  /** Forgets the queue where nobody waits. */
  tidy(queue: string): void {
    if (this.#polls.get(queue)?.size === 0) this.#polls.delete(queue);
  }

  wake(queue: string): void {
    this.#marks.get(queue)?.hear();
    this.#polls.get(queue)?.wake();
  }

  /** Slots of polls that wait at the queue, for jobs that are pushed now. */
  reserve(queue: string, most: number): Reservation | undefined {
    return this.#polls.get(queue)?.reserve(most);
  }

  wakeAll(): void {
    for (const marks of this.#marks.values()) marks.hear();
    for (const polls of this.#polls.values()) polls.wake();
  }

  /** Resolves when no claim is in flight. */
  async idle(): Promise<void> {
    await Promise.all([...this.#polls.values()].map((polls) => polls.idle()));
  }

  dismissAll(): void {
    for (const polls of this.#polls.values()) polls.dismissAll();
  }

  /** A job stands here that may be below the mark. */
  lowerMark(queue: string, mark: Mark): void {
    this.#marks.get(queue)?.lower(mark);
  }

  /** A job of this priority was pushed. */
  expect(queue: string, priority: number): void {
    this.#marks.get(queue)?.expect(priority);
  }

  /** The queues where somebody waits. */
  queues(): string[] {
    return [...this.#polls.keys()];
  }

  count(queue: string): number {
    return this.#polls.get(queue)?.size ?? 0;
  }

  total(): number {
    return [...this.#polls.values()].reduce((sum, polls) => sum + polls.size, 0);
  }

  async #claim(queue: string, slots: Slot[], done: Lease[]) {
    const marks = this.#marksOf(queue);
    const from = marks.next();
    const began = performance.now();
    const claim = await claimJobs(this.#db, queue, slots, done, from, this.#settings);
    // Jobs that a key gets again say nothing about the queue, and no slot of their polls looked at it.
    const fresh = claim.jobs.filter(({ again }) => !again);
    const looking = lookingSlots(slots, claim).length;
    this.#observer.batch('pop', slots.length);
    this.#observer.jobs('popped', fresh.length);
    this.#observer.jobs('completed', claim.held.filter(Boolean).length);
    if (looking === 0) return { ...claim, unsureMs: 0, isCalm: false };
    const isShort = fresh.length < looking && !claim.truncated;
    if (!from) {
      marks.looked(performance.now() - began, fresh, isShort);
      return { ...claim, unsureMs: undefined, isCalm: marks.isCalm };
    }
    marks.claimed(fresh, isShort);
    return { ...claim, unsureMs: isShort ? marks.msToLook() : undefined, isCalm: marks.isCalm };
  }

  #marksOf(queue: string): LowMarks {
    const known = this.#marks.get(queue);
    if (known) return known;
    if (this.#marks.size >= MOST_MARKS) this.#marks.clear();
    const marks = new LowMarks();
    this.#marks.set(queue, marks);
    return marks;
  }
}
