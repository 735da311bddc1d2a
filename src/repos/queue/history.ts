import type { JobEvent, QueueObserver } from './observer.js';
import { Quantiles } from './quantiles.js';
import type { QueueStats } from './sql/count-queues.js';

/** How many minutes are kept, besides the current one. */
const MINUTES = 60;
const MINUTE_MS = 60_000;
/** How many queues have a history of their own. All others share one. */
const MAX_QUEUES = 1000;

/** What each event counts as. A run that its worker did not end has failed too. */
const COUNTED: Partial<Record<JobEvent, keyof Counts>> = {
  pushed: 'pushed',
  completed: 'completed',
  failed: 'failed',
  expired: 'failed',
  requeued: 'failed',
  died: 'died',
};

interface Counts {
  pushed: number;
  completed: number;
  failed: number;
  died: number;
}

/** What is known of one minute of a queue. */
interface Minute extends Counts {
  /** Minutes since 1970. */
  number: number;
  waits: Quantiles;
  runs: Quantiles;
  /** As last counted in this minute; null if nobody had the jobs counted. */
  ready: number | null;
  running: number | null;
}

/** A minute as it is answered. Times are seconds. */
export interface MinuteFigures extends Counts {
  at: string;
  wait_p50: number | null;
  wait_p99: number | null;
  run_p50: number | null;
  run_p99: number | null;
  ready: number | null;
  running: number | null;
}

export interface Trend {
  pushed: number[];
  completed: number[];
  failed: number[];
  ready: (number | null)[];
}

/**
 * What happened to the jobs of each queue through this process, minute by minute for an hour. It is kept in memory and
 * lost with the process. It costs a few additions for each statement: nothing runs by a timer, and no statement is sent
 * for it.
 */
export class History implements QueueObserver {
  readonly #clock: () => number;
  readonly #startedAt: number;
  readonly #queues = new Map<string, Minute[]>();
  /** Of the queues that have no history of their own. */
  readonly #rest: Minute[] = [];
  #prunedIn = 0;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
    this.#startedAt = clock();
  }

  batch(): void {}

  jobs(event: JobEvent, queue: string, count: number): void {
    const name = COUNTED[event];
    if (name !== undefined && count > 0) this.#now(queue)[name] += count;
  }

  waited(seconds: number, queue: string): void {
    this.#now(queue).waits.add(seconds);
  }

  ran(seconds: number, queue: string | undefined): void {
    if (queue !== undefined && !Number.isNaN(seconds)) this.#now(queue).runs.add(seconds);
  }

  /** The jobs were counted, because somebody asked. A queue that is not among them has none. */
  counted(queues: QueueStats[]): void {
    const counts = new Map(queues.map((stats) => [stats.queue, stats]));
    for (const queue of this.#queues.keys()) {
      if (!counts.has(queue)) Object.assign(this.#now(queue), { ready: 0, running: 0 });
    }
    const rest = { ready: 0, running: 0 };
    for (const { queue, ready, running } of queues) {
      const minutes = this.#minutesOf(queue);
      if (minutes === this.#rest) {
        rest.ready += ready;
        rest.running += running;
      } else Object.assign(this.#last(minutes), { ready, running });
    }
    if (this.#rest.length > 0) Object.assign(this.#last(this.#rest), rest);
  }

  /** When this process began to count. */
  get since(): string {
    return new Date(this.#startedAt).toISOString();
  }

  /** The minutes of a queue, the oldest first; the last one still runs. */
  of(queue: string): { queue: string; since: string; shared: boolean; minutes: MinuteFigures[] } {
    const minutes = this.#queues.get(queue);
    const isShared = !minutes && this.#queues.size >= MAX_QUEUES;
    const known = new Map((minutes ?? (isShared ? this.#rest : [])).map((minute) => [minute.number, minute]));
    const figures = [...this.#wholeMinutes(), this.#minute()].map((number) =>
      figuresOf(number, known.get(number)),
    );
    return { queue, since: this.since, shared: isShared, minutes: figures };
  }

  /** The first of the minutes that trends have, and when counting began. */
  trendRange(): { since: string; from: string } {
    const [first = this.#minute()] = this.#wholeMinutes();
    return { since: this.since, from: new Date(first * MINUTE_MS).toISOString() };
  }

  /** One number for each whole minute, the oldest first. A queue without a history of its own has none. */
  trend(queue: string): Trend | undefined {
    const minutes = this.#queues.get(queue);
    if (!minutes) return undefined;
    const known = new Map(minutes.map((minute) => [minute.number, minute]));
    const whole = this.#wholeMinutes().map((number) => known.get(number));
    return {
      pushed: whole.map((minute) => minute?.pushed ?? 0),
      completed: whole.map((minute) => minute?.completed ?? 0),
      failed: whole.map((minute) => minute?.failed ?? 0),
      ready: whole.map((minute) => minute?.ready ?? null),
    };
  }

  #minute(): number {
    return Math.floor(this.#clock() / MINUTE_MS);
  }

  #wholeMinutes(): number[] {
    const now = this.#minute();
    const first = Math.max(Math.floor(this.#startedAt / MINUTE_MS), now - MINUTES);
    return Array.from({ length: Math.max(now - first, 0) }, (_, at) => first + at);
  }

  #now(queue: string): Minute {
    return this.#last(this.#minutesOf(queue));
  }

  #minutesOf(queue: string): Minute[] {
    const known = this.#queues.get(queue);
    if (known) return known;
    if (this.#queues.size >= MAX_QUEUES) this.#prune();
    if (this.#queues.size >= MAX_QUEUES) return this.#rest;
    const minutes: Minute[] = [];
    this.#queues.set(queue, minutes);
    return minutes;
  }

  /** The current minute. */
  #last(minutes: Minute[]): Minute {
    const number = this.#minute();
    const last = minutes.at(-1);
    // If the clock was set back, the last minute goes on.
    if (last && last.number >= number) return last;
    last?.waits.close();
    last?.runs.close();
    while (minutes[0] && minutes[0].number < number - MINUTES) minutes.shift();
    const counts = { pushed: 0, completed: 0, failed: 0, died: 0 };
    const begun = {
      number,
      ...counts,
      waits: new Quantiles(),
      runs: new Quantiles(),
      ready: null,
      running: null,
    };
    minutes.push(begun);
    return begun;
  }

  /** Forgets queues for which nothing was noted for an hour, at most once a minute. */
  #prune(): void {
    const now = this.#minute();
    if (this.#prunedIn === now) return;
    this.#prunedIn = now;
    for (const [queue, minutes] of this.#queues) {
      const isQuiet = minutes.every((minute) => minute.number < now - MINUTES || isEmpty(minute));
      if (isQuiet) this.#queues.delete(queue);
    }
  }
}

function isEmpty({ pushed, completed, failed, died, ready, running }: Minute): boolean {
  return pushed + completed + failed + died + (ready ?? 0) + (running ?? 0) === 0;
}

function figuresOf(number: number, minute: Minute | undefined): MinuteFigures {
  return {
    at: new Date(number * MINUTE_MS).toISOString(),
    pushed: minute?.pushed ?? 0,
    completed: minute?.completed ?? 0,
    failed: minute?.failed ?? 0,
    died: minute?.died ?? 0,
    wait_p50: minute?.waits.at(0.5) ?? null,
    wait_p99: minute?.waits.at(0.99) ?? null,
    run_p50: minute?.runs.at(0.5) ?? null,
    run_p99: minute?.runs.at(0.99) ?? null,
    ready: minute?.ready ?? null,
    running: minute?.running ?? null,
  };
}
