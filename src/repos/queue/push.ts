import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import { isLockTimeout } from '../../database/errors.js';
import type { LockPatience } from '../../database/lock-timeout.js';
import { unavailable } from '../../problems.js';
import { uuidv7 } from '../../uuid.js';
import { HandOver } from './hand-over.js';
import { ALL, type Defaults, findStanding, type InsertOptions, insertAll, NO_SLOTS } from './insert.js';
import { type Delivery, randomToken } from './lease.js';
import type { Reservation } from './polls.js';
import { idUsed, isOtherThan, refuseTwins } from './used-ids.js';

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
  /** Set where the job may run for a poll that does not know: the answer of the statement that gave it to it was lost. */
  adrift: Pick<Delivery, 'token' | 'delivery'> | undefined;
  /** Its id was given to another job, so nothing was pushed. */
  isOther: boolean;
}

export interface Item extends NewJob {
  id: string;
  /** The id was made here. */
  ownId: boolean;
}

interface Options {
  db: Database;
  defaults: Defaults;
  /** Slots of polls that wait at the queue. */
  reserve: (queue: string, most: number) => Reservation | undefined;
  /** The token of leases that pushes hand out. */
  nextToken?: () => string | null;
  /** These are pushed now, and where each of them is. */
  onPlaced: (items: Item[], placed: Placed[]) => void;
}

/**
 * Pushes that arrive while a statement is in flight travel together. The process makes the ids before the
 * statement, so that one whose answer was lost is sent again without doubling the job.
 *
 * Pushes whose unique key or id somebody else may be inserting at this moment wait for that transaction, so they never
 * share a statement with those that have neither. A push of several jobs with ids of the client has a statement of its
 * own, which inserts nothing where one of the ids is used.
 */
export function pushes({ db, defaults, reserve, nextToken = randomToken, onPlaced }: Options) {
  const run = async (groups: Item[][], options: InsertOptions): Promise<Placed[][]> => {
    const items = groups.flat();
    const firsts = firstOfEach(items);
    const handOver = new HandOver(firsts, options.isWhole ? () => undefined : reserve, nextToken());
    const placed = await insertJobs(db, items, firsts, defaults, handOver, options).finally(() =>
      handOver.end(),
    );
    onPlaced(items, placed);
    let end = 0;
    return groups.map(({ length }) => {
      end += length;
      return placed.slice(end - length, end);
    });
  };
  const runSome = (groups: Item[][], patience: LockPatience): Promise<Placed[][]> =>
    run(groups, { patience, isWhole: false });
  const weigh = (items: Item[]): number => items.reduce((sum, { job }) => sum + job.length + OVERHEAD, 0);
  const free = new Coalescer<Item[], Placed[]>({ run: runSome, weigh });
  const rivalled = new Coalescer<Item[], Placed[]>({ run: runSome, weigh, lockOf });
  const whole = new Coalescer<Item[], Placed[]>({
    run: (groups, patience) => run(groups, { patience, isWhole: true }),
    weigh,
    most: 1,
  });
  return {
    /**
     * All or none of them.
     *
     * @throws Problem 409 `job_id_used`
     */
    async push(jobs: NewJob[]): Promise<Placed[]> {
      const items = jobs.map((job) => ({ ...job, id: job.id ?? uuidv7(), ownId: job.id === undefined }));
      if (items.every(hasNoRivals)) return free.call(items);
      refuseTwins(items);
      const isAllOrNone = items.length > 1 && items.some(({ ownId }) => !ownId);
      const placed = await (isAllOrNone ? whole : rivalled).call(items);
      const used = placed.find(({ isOther }) => isOther);
      if (used) throw idUsed(used.id);
      return placed;
    },
    idle: () => Promise.all([free.idle(), rivalled.idle(), whole.idle()]),
    observe(onBatch: (items: Item[][], placed: Placed[][]) => void): void {
      free.observe(onBatch);
      rivalled.observe(onBatch);
      whole.observe(onBatch);
    },
  };
}

/** What a job weighs beside its text, so that a statement has no more than about a thousand. */
const OVERHEAD = 8 * 1024;

/** Nobody else can be inserting its id, nor a job that it would be a duplicate of. */
function hasNoRivals({ ownId, unique_key }: Item): boolean {
  return ownId && unique_key === undefined;
}

/** What a push of one job may wait for: its unique key, or its id. Of a push of several it is not known which. */
function lockOf([item, ...others]: Item[]): string | undefined {
  if (!item || others.length > 0) return undefined;
  return item.unique_key === undefined ? item.id : `${item.queue}\n${item.unique_key}`;
}

async function insertJobs(
  db: Database,
  items: Item[],
  /** What is to be inserted: of items with the same id the first. */
  firsts: Item[],
  defaults: Defaults,
  handOver: HandOver,
  options: InsertOptions,
): Promise<Placed[]> {
  let missing = firsts;
  const created = new Set<string>();
  const standing = new Map<Item, { id: string; isOther: boolean }>();
  for (let runs = 1; missing.length > 0; runs++) {
    if (runs > MOST_RUNS) throw unavailable('contended', 'Rivals kept pushing the same jobs.');
    // Not inserted because a job of another replica has its poll's key: now it is to be ready for anybody.
    const slots = runs === 1 ? handOver : NO_SLOTS;
    const rows = await insertAll(db, missing, defaults, slots, options).catch((error: unknown) => {
      // Or that job is not committed yet: this one is not to wait for it.
      if (slots.slots.size > 0 && isLockTimeout(error)) return undefined;
      throw error;
    });
    if (!rows) continue;
    if (rows === ALL && missing === items) return items.map(({ id }) => ({ id, ...CREATED }));
    for (const row of rows === ALL ? missing.map(({ id }) => ({ id })) : rows) {
      created.add(row.id);
      handOver.inserted(row);
    }
    missing = missing.filter(({ id }) => !created.has(id));
    if (missing.length === 0) break;
    const found = await findStanding(db, missing);
    for (const [at, item] of missing.entries()) {
      const { id = null, delivery = null, isOther = false } = found[at] ?? {};
      if (isOther && options.isWhole) throw idUsed(item.id);
      if (id !== null) standing.set(item, { id, isOther });
      handOver.stands(item, delivery);
    }
    // Neither created nor standing: a rival's that was gone again before the look.
    missing = missing.filter((item) => !standing.has(item));
  }
  const byId = new Map(firsts.map((item) => [item.id, item]));
  return items.map((item) => {
    const first = byId.get(item.id) ?? item;
    const { id, isOther } = standing.get(first) ?? { id: first.id, isOther: false };
    // Its own id, made here, stands only because an earlier run of the statement did insert it.
    const isNew = item === first && (created.has(item.id) || (item.ownId && id === item.id));
    return {
      id,
      duplicate: !isNew,
      handedOver: handOver.has(item),
      adrift: handOver.isAdrift(item) ? { token: handOver.token, delivery: handOver.delivery } : undefined,
      isOther: isOther || isOtherThan(item, first),
    };
  });
}

const MOST_RUNS = 5;
const CREATED = { duplicate: false, handedOver: false, adrift: undefined, isOther: false };

/** Of items with the same id the first, which stands for the others; these same items where all ids were made here. */
function firstOfEach(items: Item[]): Item[] {
  if (items.every(({ ownId }) => ownId)) return items;
  const firsts = new Map<string, Item>();
  for (const item of items) if (!firsts.has(item.id)) firsts.set(item.id, item);
  return [...firsts.values()];
}
