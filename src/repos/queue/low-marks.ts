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
  /** Less urgent than this, jobs may stand that were never seen nor told of: no mark there can be trusted. */
  #seenTo = Number.NEGATIVE_INFINITY;
  #lookNeeded = true;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lookTookMs = 0;
  /** How often something was heard: until now, until the last claim began, until the last full look that saw the end began. */
  #heard = 1;
  #heardByClaim = 0;
  #heardByLook = 0;

  /** Where the next claim begins; undefined for a full look. */
  next(): Mark[] | undefined {
    const since = performance.now() - this.#lookedAt;
    const isRoutine = since >= Math.max(ROUTINE_MS, REST * this.#lookTookMs);
    this.#heardByClaim = this.#heard;
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
    this.#raise(handed);
    const last = handed.at(-1);
    // Nothing was seen where the queue is empty, or paused.
    if (!last) return;
    this.#seenTo = isShort ? Number.POSITIVE_INFINITY : Math.max(this.#seenTo, last.priority);
    if (isShort) return;
    // What follows the last one was not looked at, and may stand below an older mark.
    this.#marks.set(last.priority, BigInt(last.seq));
    for (const priority of this.#marks.keys()) if (priority > last.priority) this.#marks.set(priority, 0n);
  }

  /** A claim from the marks handed out these. */
  claimed(handed: Mark[], isShort: boolean): void {
    this.#raise(handed);
    this.#lookNeeded ||= isShort;
  }

  /** A job stands here now that may be below the mark. */
  lower({ priority, seq }: Mark): void {
    const mark = this.#marks.get(priority);
    if (mark !== undefined && BigInt(seq) < mark) this.#marks.set(priority, BigInt(seq));
    else this.expect(priority);
  }

  /** Jobs of this priority may stand anywhere. */
  expect(priority: number): void {
    if (!this.#marks.has(priority)) this.#marks.set(priority, 0n);
  }

  #raise(handed: Mark[]): void {
    for (const { priority, seq } of handed) {
      const mark = this.#marks.get(priority);
      if (mark === undefined || BigInt(seq) > mark) this.#marks.set(priority, BigInt(seq));
    }
  }
}
