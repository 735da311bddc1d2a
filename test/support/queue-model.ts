/** What queue.md says of one queue, as plain data: predicts every answer, but for times and new ids. */

export type State = 'ready' | 'scheduled' | 'running' | 'dead';

export interface ModelJob {
  id: string;
  job: number;
  priority: number;
  uniqueKey: string | undefined;
  maxAttempts: number;
  /** Place in the order of arrival; jobs that are redriven together share one. */
  arrival: number;
  state: State;
  attempts: number;
  /** Since it was pushed or redriven. */
  claims: number;
  /** Of its latest claim. */
  lease: string | undefined;
  cancelRequested: boolean;
  worker: string | undefined;
  /** Of the poll that got it, and which of its jobs this is. */
  key: string | undefined;
  slot: number;
  /** Which service pushed it or took it back last: that one knows of it, others learn it in time. */
  knownTo: number | undefined;
}

export interface Pushing {
  id: string | undefined;
  priority: number;
  uniqueKey: string | undefined;
  isDelayed: boolean;
  maxAttempts: number;
}

export interface Ending {
  burnt: 0 | 1;
  retry: boolean;
  isDelayed: boolean;
}

export class QueueModel {
  readonly jobs = new Map<string, ModelJob>();
  /** All leases that were ever handed out. */
  readonly leases: string[] = [];
  /** Which job each id that a client made was given to, whatever became of it. */
  readonly ids = new Map<string, number>();
  isPaused = false;
  #arrivals = 0;

  in(...states: State[]): ModelJob[] {
    return [...this.jobs.values()].filter(({ state }) => states.includes(state));
  }

  /** The id of the job that stands in the way of a push, or stood there. */
  existing({ id, uniqueKey }: Pushing): string | undefined {
    if (id !== undefined && (this.jobs.has(id) || this.ids.has(id))) return id;
    if (uniqueKey === undefined) return undefined;
    return this.in('ready', 'scheduled', 'running').find((job) => job.uniqueKey === uniqueKey)?.id;
  }

  push(id: string, job: number, pushing: Pushing, service: number): void {
    const { priority, uniqueKey, isDelayed, maxAttempts } = pushing;
    this.jobs.set(id, {
      ...{ id, job, priority, uniqueKey, maxAttempts, arrival: ++this.#arrivals },
      ...{ state: isDelayed ? 'scheduled' : 'ready', attempts: 0, claims: 0, lease: undefined },
      ...{ cancelRequested: false, worker: undefined, key: undefined, slot: 0, knownTo: service },
    });
    if (pushing.id !== undefined) this.ids.set(id, job);
  }

  /** The job of a lease that is held. */
  held(lease: string): ModelJob | undefined {
    const job = this.jobs.get(idOf(lease));
    return job?.state === 'running' && job.lease === lease ? job : undefined;
  }

  /** Where the job of a lost lease is. */
  whereIs(lease: string): State | 'gone' {
    return this.jobs.get(idOf(lease))?.state ?? 'gone';
  }

  complete(job: ModelJob): void {
    this.jobs.delete(job.id);
  }

  /** Those that are held are completed first; where the jobs of the others are is looked up after. */
  completeAll(leases: string[]): { lease: string; outcome: 'completed' | 'gone' | 'lost' }[] {
    const held = leases.flatMap((lease) => this.held(lease) ?? []);
    for (const job of held) this.complete(job);
    const completed = new Set(held.map(({ lease }) => lease));
    return leases.map((lease) => {
      const isKnown = this.jobs.has(idOf(lease));
      return { lease, outcome: completed.has(lease) ? 'completed' : isKnown ? 'lost' : 'gone' };
    });
  }

  /** What the same worker and key got before, and still hold. */
  again(worker: string, key: string | undefined, max: number): ModelJob[] {
    if (key === undefined) return [];
    return this.in('running')
      .filter((job) => job.worker === worker && job.key === key && job.slot <= max)
      .sort((a, b) => a.slot - b.slot);
  }

  claim(id: string, lease: string, by: { worker: string; key: string | undefined; slot: number }): ModelJob {
    const job = this.jobs.get(id);
    if (job?.state !== 'ready') throw new Error(`${id} was handed out, and is ${job?.state ?? 'gone'}`);
    if (this.leases.includes(lease)) throw new Error(`${lease} was issued twice`);
    Object.assign(job, { state: 'running', claims: job.claims + 1, lease, ...by });
    this.leases.push(lease);
    return job;
  }

  /** Ends a run without success; returns where the job is now. */
  end(job: ModelJob, { burnt, retry, isDelayed }: Ending, service: number | undefined): State | 'gone' {
    if (job.cancelRequested) {
      this.jobs.delete(job.id);
      return 'gone';
    }
    job.attempts += burnt;
    const isUsedUp = burnt > 0 && job.attempts >= job.maxAttempts;
    const isOver = !retry || isUsedUp || job.claims >= 10 * job.maxAttempts;
    job.state = isOver ? 'dead' : isDelayed ? 'scheduled' : 'ready';
    Object.assign(job, { worker: undefined, key: undefined, slot: 0, knownTo: service });
    return job.state;
  }

  cancel(id: string): 202 | 204 {
    const job = this.jobs.get(id);
    if (job?.state !== 'running') this.jobs.delete(id);
    else Object.assign(job, { cancelRequested: true, uniqueKey: undefined });
    return job?.state === 'running' ? 202 : 204;
  }

  purge(...states: State[]): number {
    const gone = this.in(...states);
    for (const { id } of gone) this.jobs.delete(id);
    return gone.length;
  }

  redrive(): { redriven: number; skipped: number } {
    const dead = this.in('dead').sort((a, b) => (a.id < b.id ? -1 : 1));
    const arrival = ++this.#arrivals;
    let redriven = 0;
    for (const job of dead) {
      const { uniqueKey } = job;
      const living = this.in('ready', 'scheduled', 'running');
      if (uniqueKey !== undefined && living.some((other) => other.uniqueKey === uniqueKey)) continue;
      Object.assign(job, { state: 'ready', attempts: 0, claims: 0, arrival, knownTo: undefined });
      redriven++;
    }
    return { redriven, skipped: dead.length - redriven };
  }
}

export function idOf(lease: string): string {
  return lease.slice(0, lease.indexOf('.'));
}

/** Lower priority first, then in the order of arrival. */
export function inOrder(a: ModelJob, b: ModelJob): number {
  return a.priority - b.priority || a.arrival - b.arrival;
}
