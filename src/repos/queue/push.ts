import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import { unavailable } from '../../problems.js';
import { uuidv7 } from '../../uuid.js';
import { HandOver } from './hand-over.js';
import { ALL, type Defaults, findStanding, insertAll, NO_SLOTS } from './insert.js';
import type { Reservation } from './polls.js';

export interface NewJob {
  queue: string;
  /** JSON text, kept byte for byte. */
  job: string;
  /** Made by the client, so that it may push again safely. */
  id?: string | undefined;
  unique_key?: string | undefined;
  priority?: number | undefined;
  delay_seconds?: number | undefined;
  /** RFC 3339 in UTC. */
  run_at?: string | undefined;
  max_attempts?: number | undefined;
  lease_seconds?: number | undefined;
}

export interface Pushed {
  id: string;
  /** A job with this id or this unique key stood already. */
  duplicate: boolean;
}

/** A pushed job, and where it is. */
export interface Placed extends Pushed {
  /** A poll that waited for it has it. */
  handedOver: boolean;
  /** It may run for a poll that does not know: the answer of the statement that gave it to it was lost. */
  adrift: boolean;
}

export interface Item extends NewJob {
  id: string;
  /** The id was made here. */
  ownId: boolean;
}

/**
 * Pushes that arrive while a statement is in flight travel together. The process makes the ids before the
 * statement, so that one whose answer was lost is sent again without doubling the job.
 */
export function pushes({ db, defaults, reserve, onPlaced }: Options) {
  const coalescer = new Coalescer<Item[], Placed[]>({
    run: async (groups) => {
      const items = groups.flat();
      const firsts = firstOfEach(items);
      const handOver = new HandOver(firsts, reserve);
      const placed = await insertJobs(db, items, firsts, defaults, handOver).finally(() => handOver.end());
      onPlaced(items, placed);
      let end = 0;
      return groups.map(({ length }) => {
        end += length;
        return placed.slice(end - length, end);
      });
    },
    weigh: (items) => items.reduce((sum, { job }) => sum + job.length + OVERHEAD, 0),
  });
  return {
    /** All or none of them. */
    push: (jobs: NewJob[]): Promise<Placed[]> =>
      coalescer.call(jobs.map((job) => ({ ...job, id: job.id ?? uuidv7(), ownId: job.id === undefined }))),
    idle: () => coalescer.idle(),
    observe: coalescer.observe.bind(coalescer),
  };
}

interface Options {
  db: Database;
  defaults: Defaults;
  /** Slots of polls that wait at the queue. */
  reserve: (queue: string, most: number) => Reservation | undefined;
  /** These are pushed now, and where each of them is. */
  onPlaced: (items: Item[], placed: Placed[]) => void;
}

/** What a job weighs beside its text, so that a statement has no more than about a thousand. */
const OVERHEAD = 8 * 1024;

async function insertJobs(
  db: Database,
  items: Item[],
  /** What is to be inserted: of items with the same id the first. */
  firsts: Item[],
  defaults: Defaults,
  handOver: HandOver,
): Promise<Placed[]> {
  let missing = firsts;
  const created = new Set<string>();
  const standing = new Map<Item, string>();
  for (let runs = 1; missing.length > 0; runs++) {
    if (runs > MOST_RUNS) throw unavailable('contended', 'Rivals kept pushing the same jobs.');
    // Not inserted because a job of another replica has its poll's key: now it is to be ready for anybody.
    const slots = runs === 1 ? handOver : NO_SLOTS;
    const rows = await insertAll(db, missing, defaults, slots);
    if (rows === ALL && missing === items) return items.map(({ id }) => ({ id, ...CREATED }));
    for (const row of rows === ALL ? missing.map(({ id }) => ({ id })) : rows) {
      created.add(row.id);
      handOver.inserted(row);
    }
    missing = missing.filter(({ id }) => !created.has(id));
    if (missing.length === 0) break;
    const found = await findStanding(db, missing);
    for (const [at, item] of missing.entries()) {
      const { id, mark } = found[at] ?? { id: null, mark: null };
      if (id !== null) standing.set(item, id);
      handOver.stands(item, mark);
    }
    // Neither created nor standing: a rival's that was gone again before the look.
    missing = missing.filter((item) => !standing.has(item));
  }
  const byId = new Map(firsts.map((item) => [item.id, item]));
  return items.map((item) => {
    const first = byId.get(item.id) ?? item;
    const id = standing.get(first) ?? first.id;
    // Its own id, made here, stands only because an earlier run of the statement did insert it.
    const isNew = item === first && (created.has(item.id) || (item.ownId && id === item.id));
    return {
      id,
      duplicate: !isNew,
      handedOver: handOver.has(item),
      adrift: handOver.isAdrift(item),
    };
  });
}

const MOST_RUNS = 5;
const CREATED = { duplicate: false, handedOver: false, adrift: false };

/** Of items with the same id the first, which stands for the others; these same items where all ids were made here. */
function firstOfEach(items: Item[]): Item[] {
  if (items.every(({ ownId }) => ownId)) return items;
  const firsts = new Map<string, Item>();
  for (const item of items) if (!firsts.has(item.id)) firsts.set(item.id, item);
  return [...firsts.values()];
}
