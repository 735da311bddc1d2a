import { type Claim, lookingSlots, type Slot } from '../sql/claim.js';
import type { QueuePosition } from '../sql/queue-position.js';

/** What a claim says of the jobs that it did not deliver. */
export interface Verdict {
  /**
   * Milliseconds until a full scan may show whether there are more jobs; 0 is now. Undefined if no scan is needed: the
   * claim got all that it asked for, or was a full scan itself.
   */
  unsureMs: number | undefined;
  /** No sign of a new job (a push, a notification, a sweep) came since the last full scan that saw the end of the queue. */
  isQuiet: boolean;
}

/** Under load there is a full scan at this interval, so a job below a mark waits no longer, unless scans are slow. */
const ROUTINE_MS = 1000;
/** The shortest time between two full scans. A scan is due earlier than ROUTINE_MS if a claim from the marks found too few jobs. */
const MIN_PAUSE_MS = 50;
/** After a slow full scan (somebody holds an old snapshot) the next one waits for this many times its duration. */
const PAUSE_FACTOR = 10;
/** A claim reads one range of the index for each mark. A queue with jobs of more priorities is scanned whole. */
const MAX_MARKS = 128;

/**
 * The low-water marks of one queue: for each priority the lowest seq where a ready job may be. Claimed jobs leave dead
 * index entries behind, which vacuum cannot remove while somebody holds an old snapshot. A claim that begins at the marks
 * does not read them.
 *
 * Jobs that return, and jobs of transactions that commit late, are below the marks. So a claim scans the whole queue from
 * time to time, and before a poll is answered empty (docs/queue.md#low-water-marks).
 */
export class LowWaterMarks {
  readonly #marks = new Map<number, bigint>();
  /** Claims have read the queue up to this priority: up to it, each priority that has jobs has a mark. Lower numbers come first. */
  #seenTo = Number.NEGATIVE_INFINITY;
  /** Marks that were lowered since the last claim was sent. Its result must not raise them. */
  readonly #lowered = new Map<number, bigint>();
  /** The marks were dropped since the last claim was sent, so its result must not make new ones. */
  #isForgotten = false;
  /** A claim from the marks found too little, so a full scan is due. */
  #needsScan = true;
  #scannedAt = Number.NEGATIVE_INFINITY;
  #scanTookMs = 0;
  /**
   * How many signs of new jobs there were (a push, a notification, a sweep): in all, when the last claim was sent, and
   * when the last full scan was sent that saw the end of the queue.
   */
  #signs = 1;
  #signsAtClaim = 0;
  #signsAtScan = 0;
  readonly #maxMarks: number;

  constructor(maxMarks = MAX_MARKS) {
    this.#maxMarks = maxMarks;
  }

  /**
   * Where the next claim begins, in the order of priority. The last mark's range has no end. Undefined is a full scan.
   * A queue has one claim under way at a time: what was noted since the claim before this one is forgotten.
   */
  next(): QueuePosition[] | undefined {
    const sinceScan = performance.now() - this.#scannedAt;
    const isRoutine = sinceScan >= Math.max(ROUTINE_MS, PAUSE_FACTOR * this.#scanTookMs);
    this.#signsAtClaim = this.#signs;
    this.#lowered.clear();
    this.#isForgotten = false;
    if (isRoutine || (this.#needsScan && this.msToScan() === 0)) return undefined;
    const marks = [...this.#marks].filter(([priority]) => priority <= this.#seenTo);
    if (marks.length === 0) return undefined;
    return marks
      .sort(([one], [other]) => one - other)
      .map(([priority, seq]) => ({ priority, seq: String(seq) }));
  }

  /** A ready job may be anywhere in the queue now: after a push, a notification or a sweep. */
  noteSign(): void {
    this.#signs++;
  }

  /** See Verdict. */
  get isQuiet(): boolean {
    return this.#signsAtScan === this.#signs;
  }

  /** How long until a full scan may follow; 0 is now. */
  msToScan(): number {
    const sinceScan = performance.now() - this.#scannedAt;
    return Math.max(0, Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * this.#scanTookMs) - sinceScan);
  }

  /**
   * Takes note of a claim that began at `from`. Redelivered jobs say nothing about the ready jobs of the queue, and the
   * slots of their polls did not look for any. If no slot looked for ready jobs, nothing is known of them. A truncated
   * claim (its jobs are as large as an answer may be) is not short, because it stopped before it had read all.
   */
  claimed(from: QueuePosition[] | undefined, tookMs: number, slots: Slot[], claim: Claim): Verdict {
    const fresh = claim.jobs.filter(({ redelivered }) => !redelivered);
    const looking = lookingSlots(slots, claim).length;
    if (looking === 0) return { unsureMs: 0, isQuiet: false };
    const isShort = fresh.length < looking && !claim.truncated;
    if (from) this.claimedFromMarks(fresh, isShort);
    else this.scanned(tookMs, fresh, isShort);
    return { unsureMs: from && isShort ? this.msToScan() : undefined, isQuiet: this.isQuiet };
  }

  /** A full scan delivered these jobs; `isShort` where it found fewer than it asked for. */
  scanned(tookMs: number, jobs: QueuePosition[], isShort: boolean): void {
    this.#needsScan = false;
    if (isShort) this.#signsAtScan = this.#signsAtClaim;
    this.#scannedAt = performance.now();
    this.#scanTookMs = tookMs;
    this.#raise(jobs, isShort);
    if (this.#isForgotten) return;
    // Jobs after the last one were not read, and may be below an older mark.
    const last = jobs.at(-1);
    if (!last || isShort) return;
    this.#marks.set(last.priority, this.#notAboveLowered(last));
    for (const priority of this.#marks.keys()) if (priority > last.priority) this.#marks.set(priority, 0n);
  }

  /** A claim from the marks delivered these jobs. */
  claimedFromMarks(jobs: QueuePosition[], isShort: boolean): void {
    this.#raise(jobs, isShort);
    this.#needsScan ||= isShort;
  }

  /** A job has become ready here, perhaps below the mark. */
  lower(job: QueuePosition): void {
    const seq = this.#notAboveLowered(job);
    this.#lowered.set(job.priority, seq);
    const mark = this.#marks.get(job.priority);
    if (this.#lowered.size > this.#maxMarks) this.#forget();
    else if (mark !== undefined && seq < mark) this.#marks.set(job.priority, seq);
    else this.expect(job.priority);
  }

  /** A job of this priority was pushed. */
  expect(priority: number): void {
    if (this.#marks.has(priority)) return;
    this.#marks.set(priority, 0n);
    if (this.#marks.size > this.#maxMarks) this.#forget();
  }

  /** Drops all marks. The next claim is a full scan, and makes marks for the priorities that are in use then. */
  #forget(): void {
    this.#marks.clear();
    this.#lowered.clear();
    this.#seenTo = Number.NEGATIVE_INFINITY;
    this.#isForgotten = true;
  }

  /** A claim delivered these jobs and read all jobs before them. If it is short, there were none after them. */
  #raise(jobs: QueuePosition[], isShort: boolean): void {
    if (this.#isForgotten) return;
    for (const job of jobs) {
      const mark = this.#marks.get(job.priority);
      const seq = this.#notAboveLowered(job);
      if (mark === undefined || seq > mark) this.#marks.set(job.priority, seq);
    }
    // Without any job the queue may be paused, and nothing was read.
    const last = jobs.at(-1);
    if (this.#marks.size > this.#maxMarks) this.#forget();
    else if (last) this.#seenTo = isShort ? Number.POSITIVE_INFINITY : Math.max(this.#seenTo, last.priority);
  }

  /** The seq of a job, or a lower one of a job that has become ready since the last claim was sent. */
  #notAboveLowered({ priority, seq }: QueuePosition): bigint {
    const own = BigInt(seq);
    const lowered = this.#lowered.get(priority);
    return lowered !== undefined && lowered < own ? lowered : own;
  }
}

/** At this number of queues all marks are dropped, and each queue begins again with a full scan. */
const MAX_QUEUES = 10_000;

/** The low-water marks of all queues that this process has claimed from. */
export class MarksOfQueues {
  readonly #marks = new Map<string, LowWaterMarks>();

  /** The marks of a queue that is claimed from now; new ones if there are none. */
  of(queue: string): LowWaterMarks {
    const known = this.#marks.get(queue);
    if (known) return known;
    if (this.#marks.size >= MAX_QUEUES) this.#marks.clear();
    const marks = new LowWaterMarks();
    this.#marks.set(queue, marks);
    return marks;
  }

  get(queue: string): LowWaterMarks | undefined {
    return this.#marks.get(queue);
  }

  values(): Iterable<LowWaterMarks> {
    return this.#marks.values();
  }
}
