import { read } from '../api.js';
import { ofQueue, type Queue, type Queues, type TroubleName } from './data.js';

interface QueuesQuery {
  search: string;
  sort: string;
  trouble: boolean;
  /** How many come before the page. */
  after: string;
  limit: number;
}

/** A job that waits for longer is trouble. */
const OLD_SECONDS = 300;

export async function readQueues(query: QueuesQuery, signal?: AbortSignal): Promise<Queues> {
  return selectQueues(await read('/queues', {}, signal), query);
}

export async function readQueue(queue: string, signal?: AbortSignal): Promise<Queue> {
  const figures = await read<Omit<Queue, 'trouble'>>(ofQueue(queue), {}, signal);
  return { ...figures, trouble: troubleOf(figures) };
}

/** A page of the queues that fit a search, with the totals of all of them. */
function selectQueues(
  { as_of, queues }: { as_of: string; queues: Omit<Queue, 'trouble'>[] },
  { search, sort, trouble, after, limit }: QueuesQuery,
): Queues {
  const all = queues.map((queue) => ({ ...queue, trouble: troubleOf(queue) }));
  const needle = search.toLowerCase();
  const matching = all.filter(
    (queue) => queue.queue.toLowerCase().includes(needle) && (!trouble || queue.trouble.length > 0),
  );
  const key = SORT_KEYS[sort];
  if (key) matching.sort((one, other) => key(other) - key(one));
  const start = Number(after) || 0;
  const sum = (member: (queue: Queue) => number): number =>
    all.reduce((total, queue) => total + member(queue), 0);
  return {
    as_of,
    queues: matching.slice(start, start + limit),
    matched: matching.length,
    total: all.length,
    totals: {
      ready: sum(({ ready }) => ready),
      scheduled: sum(({ scheduled }) => scheduled),
      running: sum(({ running }) => running),
      dead: sum(({ dead }) => dead),
      parked: sum(({ parked }) => parked),
      paused: sum(({ paused }) => Number(paused)),
      troubled: sum((queue) => Number(queue.trouble.length > 0)),
    },
    ...(start + limit < matching.length && { next: String(start + limit) }),
  };
}

const SORT_KEYS: Record<string, (queue: Queue) => number> = {
  trouble: ({ trouble }) => trouble.length,
  ready: ({ ready }) => ready,
  oldest: ({ oldest_ready_seconds: seconds }) => seconds ?? -1,
  running: ({ running }) => running,
  scheduled: ({ scheduled }) => scheduled,
  dead: ({ dead }) => dead,
};

function troubleOf(queue: Omit<Queue, 'trouble'>): TroubleName[] {
  const { paused, dead, ready, running, parked, oldest_ready_seconds: oldest } = queue;
  const found: [TroubleName, boolean][] = [
    ['paused', paused],
    ['dead', dead > 0],
    ['stalled', ready > 0 && running === 0 && parked === 0],
    ['old', (oldest ?? 0) > OLD_SECONDS],
  ];
  return found.filter(([, isThere]) => isThere).map(([name]) => name);
}
