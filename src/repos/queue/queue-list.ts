import { emptyQueue, type SharedFigures, withEmptyQueues } from './figures.js';
import type { History, Trend } from './history.js';
import { readListCursor, toListCursor } from './list-cursor.js';
import type { QueueStats } from './sql/count-queues.js';

/** Why a queue needs to be looked at. */
type Trouble = 'paused' | 'dead' | 'stalled' | 'old';

/** The figures of a queue, with the number of polls that wait on this process. */
export type QueueNow = QueueStats & { parked: number; trouble: Trouble[] };

type Sort = 'name' | 'ready' | 'scheduled' | 'running' | 'dead' | 'oldest' | 'trouble';

export interface ListQuery {
  search?: string;
  sort?: Sort;
  trouble?: boolean;
  limit?: number;
  after?: string;
  max_age?: number;
  trend?: boolean;
}

export interface QueuePage {
  as_of: string;
  queues: (QueueNow & { trend?: Trend })[];
  matched: number;
  total: number;
  totals: Record<'ready' | 'scheduled' | 'running' | 'dead' | 'parked' | 'paused' | 'troubled', number>;
  next?: string;
  history?: { since: string; from: string };
}

/** A job that has been ready for longer is old; the alert of ops/alerts.yaml fires at the same age. */
const OLD_SECONDS = 900;
/** Jobs that nobody takes for so long are stalled: a worker that has just ended a job is about to pop again. */
const STALLED_SECONDS = 10;
/** How many different pages are kept of a count. */
const MAX_PAGES = 100;

interface Dependencies {
  figures: SharedFigures;
  dispatcher: { queues: () => string[]; count: (queue: string) => number };
  history: History;
}

/** The figures of one queue, and the list of all. Pages that poll share counts, and the answers made of them. */
export class QueueList {
  readonly #with: Dependencies;
  #view: { as_of: string; queues: QueueNow[] } | undefined;
  #counted: unknown;
  readonly #pages = new Map<string, QueuePage>();

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  async page({ max_age: maxAge = 0, ...query }: ListQuery): Promise<QueuePage> {
    const figures = await this.#with.figures.read(maxAge * 1000);
    if (maxAge === 0 || this.#counted !== figures || !this.#view) {
      const { as_of, queues } = figures;
      const all = withEmptyQueues(queues, this.#with.dispatcher.queues());
      this.#view = { as_of, queues: all.map((stats) => this.#now(stats)) };
      this.#counted = figures;
      this.#pages.clear();
    }
    const key = JSON.stringify(query);
    const known = this.#pages.get(key);
    if (known) return known;
    const page = this.#pageOf(this.#view, query);
    if (this.#pages.size < MAX_PAGES) this.#pages.set(key, page);
    return page;
  }

  async queue(queue: string, maxAgeSeconds: number): Promise<QueueNow & { as_of: string }> {
    const { as_of, queues } = await this.#with.figures.read(maxAgeSeconds * 1000);
    const stats = queues.find((one) => one.queue === queue) ?? emptyQueue(queue);
    return { ...this.#now(stats), as_of };
  }

  #now(stats: QueueStats): QueueNow {
    return nowOf(stats, this.#with.dispatcher.count(stats.queue));
  }

  #pageOf(
    { as_of, queues }: { as_of: string; queues: QueueNow[] },
    { search = '', sort = 'name', trouble = false, limit, after, trend = false }: Omit<ListQuery, 'max_age'>,
  ): QueuePage {
    const part = search.toLowerCase();
    const matching = queues.filter(
      (queue) => (!trouble || queue.trouble.length > 0) && queue.queue.toLowerCase().includes(part),
    );
    // They are sorted by name already, and the sort keeps that order among equal ones.
    if (sort !== 'name') matching.sort((one, other) => compare(ranks(other, sort), ranks(one, sort)));
    const place = after === undefined ? undefined : readListCursor(after);
    const rest = place ? matching.filter((queue) => isBehind(queue, sort, place)) : matching;
    const shown = limit === undefined ? rest : rest.slice(0, limit);
    const last = shown.at(-1);
    const { history } = this.#with;
    return {
      as_of,
      queues: trend ? shown.map((queue) => withTrend(queue, history.trend(queue.queue))) : shown,
      matched: matching.length,
      total: queues.length,
      totals: totalsOf(queues),
      ...(last && shown.length < rest.length && { next: toListCursor(ranks(last, sort), last.queue) }),
      ...(trend && { history: history.trendRange() }),
    };
  }
}

/** The figures of a queue at this moment, and what is wrong with it. */
function nowOf(stats: QueueStats, parked: number): QueueNow {
  const { ready, running, dead, paused } = stats;
  const age = stats.oldest_ready_seconds ?? 0;
  const isStalled = ready > 0 && parked === 0 && running === 0 && age > STALLED_SECONDS;
  const reasons: Record<Trouble, boolean> = {
    paused,
    dead: dead > 0,
    stalled: isStalled && !paused,
    old: age > OLD_SECONDS && !paused,
  };
  const names = ['paused', 'dead', 'stalled', 'old'] as const;
  return { ...stats, parked, trouble: names.filter((name) => reasons[name]) };
}

/** What is compared to find out whether a client has this page already. Ages of jobs are rounded. */
export function essenceOf({ as_of: _, next, queues, ...rest }: QueuePage): object {
  const coarse = queues.map(({ oldest_ready_seconds: age, ...queue }) => ({ ...queue, age: coarseAge(age) }));
  // Not `next` itself: that cursor contains ages of jobs.
  return { ...rest, hasNext: next !== undefined, queues: coarse };
}

function coarseAge(seconds: number | null): number | null {
  if (seconds === null) return null;
  const step = seconds < 60 ? 10 : seconds < 3600 ? 60 : 600;
  return seconds - (seconds % step);
}

function withTrend(queue: QueueNow, trend: Trend | undefined): QueueNow & { trend?: Trend } {
  return trend ? { ...queue, trend } : queue;
}

/** The figures by which queues are sorted, the largest first. A later figure decides if the earlier ones are equal. */
function ranks(queue: QueueNow, sort: Sort): number[] {
  const oldest = queue.oldest_ready_seconds ?? -1;
  if (sort === 'name') return [0];
  if (sort === 'oldest') return [oldest];
  return sort === 'trouble' ? [queue.trouble.length, queue.dead, oldest] : [queue[sort]];
}

function compare(some: number[], others: number[]): number {
  return some.map((rank, at) => rank - (others[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function isBehind(queue: QueueNow, sort: Sort, place: { ranks: number[]; queue: string }): boolean {
  const difference = compare(ranks(queue, sort), place.ranks);
  if (difference !== 0) return difference < 0;
  return Buffer.compare(Buffer.from(queue.queue), Buffer.from(place.queue)) > 0;
}

function totalsOf(queues: QueueNow[]): QueuePage['totals'] {
  const totals = { ready: 0, scheduled: 0, running: 0, dead: 0, parked: 0, paused: 0, troubled: 0 };
  for (const queue of queues) {
    for (const name of ['ready', 'scheduled', 'running', 'dead', 'parked'] as const)
      totals[name] += queue[name];
    totals.paused += Number(queue.paused);
    totals.troubled += Number(queue.trouble.length > 0);
  }
  return totals;
}
