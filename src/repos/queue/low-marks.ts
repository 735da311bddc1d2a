/** Where the ready jobs of one priority begin: none that was seen stands below this seq. */
export interface Mark {
  priority: number;
  seq: string;
}

/** Between full looks under steady load: what stands below a mark waits no longer than this. */
const ROUTINE_MS = 1000;
/** Between full looks that follow a marked claim which found too little. */
const SHORTEST_MS = 50;
/** A full look that takes long, because somebody holds an old snapshot, is made this many times rarer. */
const REST = 10;

/**
 * Low-water marks of one queue, in memory. Claimed jobs leave dead index entries behind, which no vacuum can
 * remove while a snapshot is held; a claim that begins at the mark does not wade through them. Late commits
 * and jobs that return stand below the mark, so every now and then, and before anybody parks, a claim looks
 * at the whole queue.
 */
export class LowMarks {
  readonly #marks = new Map<number, bigint>();
  /** Up to this priority, there are no jobs without a mark. Less urgent ones may never have been seen nor told of. */
  #seenTo = Number.NEGATIVE_INFINITY;
  /** What was lowered since the last claim began, which knows nothing of it. */
  readonly #lowered = new Map<number, bigint>();
  #lookNeeded = true;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lookTookMs = 0;
  /** How often something was heard: until now, until the last claim began, until the last full look that saw the end began. */
  #heard = 1;
  #heardByClaim = 0;
  #heardByLook = 0;

  /** Where the next claim begins: at each of these, and from the last one on. Undefined is a full look. */
  next(): Mark[] | undefined {
    const since = performance.now() - this.#lookedAt;
    const isRoutine = since >= Math.max(ROUTINE_MS, REST * this.#lookTookMs);
    this.#heardByClaim = this.#heard;
    this.#lowered.clear();
    if (isRoutine || (this.#lookNeeded && this.msToLook() === 0)) return undefined;
    const marks = [...this.#marks].filter(([priority]) => priority <= this.#seenTo);
    if (marks.length === 0) return undefined;
    return marks
      .sort(([one], [other]) => one - other)
      .map(([priority, seq]) => ({ priority, seq: String(seq) }));
  }

  /** Something may stand anywhere in the queue now. */
  hear(): void {
    this.#heard++;
  }

  /** Nothing was heard of the queue since a full look began that saw its end. */
  get isCalm(): boolean {
    return this.#heardByLook === this.#heard;
  }

  /** How long until a full look may follow; 0 is now. */
  msToLook(): number {
    const since = performance.now() - this.#lookedAt;
    return Math.max(0, Math.max(SHORTEST_MS, REST * this.#lookTookMs) - since);
  }

  /** A full look took this long, and handed out these; `isShort` where it found less than it asked for. */
  looked(tookMs: number, handed: Mark[], isShort: boolean): void {
    this.#lookNeeded = false;
    if (isShort) this.#heardByLook = this.#heardByClaim;
    this.#lookedAt = performance.now();
    this.#lookTookMs = tookMs;
    this.#see(handed, isShort);
    // What follows the last one was not looked at, and may stand below an older mark.
    const last = handed.at(-1);
    if (!last || isShort) return;
    this.#marks.set(last.priority, this.#notAbove(last));
    for (const priority of this.#marks.keys()) if (priority > last.priority) this.#marks.set(priority, 0n);
  }

  /** A claim from the marks handed out these. */
  claimed(handed: Mark[], isShort: boolean): void {
    this.#see(handed, isShort);
    this.#lookNeeded ||= isShort;
  }

  /** A job stands here now that may be below the mark. */
  lower(job: Mark): void {
    const seq = this.#notAbove(job);
    this.#lowered.set(job.priority, seq);
    const mark = this.#marks.get(job.priority);
    if (mark !== undefined && seq < mark) this.#marks.set(job.priority, seq);
    else this.expect(job.priority);
  }

  /** Jobs of this priority may stand anywhere. */
  expect(priority: number): void {
    if (!this.#marks.has(priority)) this.#marks.set(priority, 0n);
  }

  /** A claim has handed out these, and what stood before them; where it is short, there was nothing after them. */
  #see(handed: Mark[], isShort: boolean): void {
    for (const job of handed) {
      const mark = this.#marks.get(job.priority);
      const seq = this.#notAbove(job);
      if (mark === undefined || seq > mark) this.#marks.set(job.priority, seq);
    }
    // Where nothing was handed out, the queue may be paused.
    const last = handed.at(-1);
    if (last) this.#seenTo = isShort ? Number.POSITIVE_INFINITY : Math.max(this.#seenTo, last.priority);
  }

  /** The seq of a job, or of one before it that has returned since the last claim began. */
  #notAbove({ priority, seq }: Mark): bigint {
    const own = BigInt(seq);
    const lowered = this.#lowered.get(priority);
    return lowered !== undefined && lowered < own ? lowered : own;
  }
}
