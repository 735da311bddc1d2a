import { LowWaterMarks } from '../../src/repos/queue/dispatch/low-water-marks.js';
import type { QueuePosition } from '../../src/repos/queue/sql/queue-position.js';

/** Simulates the claims of one queue from its marks, as the dispatcher makes them, with time by hand. */
export class MarkedQueue {
  readonly marks: LowWaterMarks;
  /** The time in milliseconds: what performance.now() has to answer. */
  now = 1000;
  readonly #ready = new Map<number, QueuePosition>();
  #seq = 0;

  /** @param maxMarks as the service has it where nothing is said */
  constructor(maxMarks?: number) {
    this.marks = new LowWaterMarks(maxMarks);
  }

  /** A seq is taken when the statement runs, and seen when it is committed. */
  draw(priority: number): QueuePosition {
    return { priority, seq: String(++this.#seq) };
  }

  /** The job is ready. A service that did not make it so is not told. */
  commit(job: QueuePosition, tell?: 'expect' | 'lower'): void {
    this.#ready.set(Number(job.seq), job);
    if (tell === 'expect') this.marks.expect(job.priority);
    if (tell === 'lower') this.marks.lower(job);
  }

  get size(): number {
    return this.#ready.size;
  }

  ready(): QueuePosition[] {
    return [...this.#ready.values()];
  }

  has({ seq }: QueuePosition): boolean {
    return this.#ready.has(Number(seq));
  }

  /** Hands out at most so many jobs, in their order, from where the marks say. */
  claim(most: number, tookMs = 1): { jobs: QueuePosition[]; isFullScan: boolean } {
    return this.begin(most)(tookMs);
  }

  /** The statement sees and takes the jobs now; its answer comes when it is called for. */
  begin(most: number): (tookMs?: number) => { jobs: QueuePosition[]; isFullScan: boolean } {
    const from = this.marks.next();
    const last = from?.at(-1);
    const mark = new Map(from?.map(({ priority, seq }) => [priority, Number(seq)]));
    const jobs = [...this.#ready.values()]
      .filter(
        ({ priority, seq }) =>
          !last ||
          priority > last.priority ||
          Number(seq) >= (mark.get(priority) ?? Number.POSITIVE_INFINITY),
      )
      .sort((a, b) => a.priority - b.priority || Number(a.seq) - Number(b.seq))
      .slice(0, most);
    for (const { seq } of jobs) this.#ready.delete(Number(seq));
    return (tookMs = 1) => {
      this.now += tookMs;
      const isShort = jobs.length < most;
      if (from) this.marks.claimedFromMarks(jobs, isShort);
      else this.marks.scanned(tookMs, jobs, isShort);
      return { jobs, isFullScan: !from };
    };
  }
}
