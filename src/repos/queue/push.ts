import { atOnce } from '../../database/at-once.js';
import { Coalescer } from '../../database/coalescer.js';
import { column } from '../../database/column.js';
import { constant, NOTHING } from '../../database/constant.js';
import type { Database } from '../../database/database.js';
import { unavailable } from '../../problems.js';
import { uuidv7 } from '../../uuid.js';
import { HandOver, type InsertedRow, slotColumns } from './hand-over.js';
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

interface Defaults {
  maxAttempts: number;
  leaseSeconds: number;
}

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
    if (rows === ALL && items === firsts) return items.map(({ id }) => ({ id, ...CREATED }));
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

type Slots = Parameters<typeof slotColumns>[2];
const NO_SLOTS: Slots = { slots: new Map(), mark: 0 };

/**
 * Between JSON texts, which cannot hold it (RFC 7464): a list of them need not be quoted as an array must.
 */
const RECORD_SEPARATOR = '\x1e';

/** All were inserted, none with a slot. */
const ALL = 'all';

/** Inserts the jobs that stand nowhere, those with a slot as running, and returns what was inserted. */
async function insertAll(
  db: Database,
  items: Item[],
  defaults: Defaults,
  slots: Slots,
): Promise<InsertedRow[] | typeof ALL> {
  let isFirstRun = true;
  let isAll = false;
  const rows = await db.run(
    (sql) => {
      // A later run may meet what the one before it has left.
      const isNew = isFirstRun && areNew(items, slots);
      isFirstRun = false;
      isAll = isNew && slots.slots.size === 0;
      const slotted = slotColumns(sql, items, slots, defaults.leaseSeconds);
      return sql<InsertedRow[]>`
        with ${atOnce(sql)}
        insert into jobs (
          id, seq, queue, job, state, priority, unique_key, run_at, max_attempts, lease_seconds ${slotted.names}
        )
        select
          id, seq, queue, job::json,
          case when ${slotted.isTaken} then 'running' when run_at is null then 'ready' else 'scheduled' end,
          priority, unique_key, run_at, max_attempts, lease_seconds
          ${slotted.values}
        from (
          select
            n, id, queue, job, coalesce(priority, 0) as priority, unique_key,
            coalesce(max_attempts, ${defaults.maxAttempts}) as max_attempts, lease_seconds,
            -- The order of arrival; the insert may go in another order, for its locks.
            nextval('jobs_seq_seq') as seq,
            case
              when coalesce(delay_seconds, 0) > 0 then clock_timestamp() + make_interval(secs => delay_seconds)
              when run_at > clock_timestamp() then run_at
            end as run_at
            ${slotted.asked}
          -- As a list of columns they are read in step; in "from", each would be kept as a table of its own first.
          from (
            select
              generate_series(1, ${items.length}::integer) as n,
              unnest(${items.map(({ id }) => id)}::uuid[]) as id,
              unnest(${column(items, ({ queue }) => queue)}::text[]) as queue,
              unnest(string_to_array(${items.map(({ job }) => job).join(RECORD_SEPARATOR)}, ${RECORD_SEPARATOR})) as job,
              unnest(${column(items, ({ priority }) => priority)}::smallint[]) as priority,
              unnest(${column(items, ({ unique_key }) => unique_key)}::text[]) as unique_key,
              unnest(${column(items, ({ delay_seconds }) => delay_seconds)}::float8[]) as delay_seconds,
              unnest(${column(items, ({ run_at }) => run_at)}::text[]::timestamptz[]) as run_at,
              unnest(${column(items, ({ max_attempts }) => max_attempts)}::integer[]) as max_attempts,
              unnest(${column(items, ({ lease_seconds }) => lease_seconds)}::integer[]) as lease_seconds
          ) as job
        ) as asked
        ${isNew ? NOTHING(sql) : UNLESS_STANDING(sql)}
        ${isAll ? NOTHING(sql) : RETURNING_ID(sql)} ${slotted.returning}`;
    },
    { rivals: ['jobs_pkey'] },
  );
  return isAll ? ALL : rows;
}

/** Nobody else can have these: their ids were made here just now, and they share no key with others. */
function areNew(items: Item[], { slots }: Slots): boolean {
  for (const { idempotency_key } of slots.values()) if (idempotency_key !== undefined) return false;
  return items.every(({ ownId, unique_key }) => ownId && unique_key === undefined);
}

const UNLESS_STANDING = constant(
  (sql) => sql`
    -- Not left to the conflict: a job that dies meanwhile would be there twice. And scalar, as a plan may
    -- join what "not exists" asks, and read the whole table for it.
    where (select true from jobs where jobs.id = asked.id) is null
      and (select true from dead_jobs where dead_jobs.id = asked.id) is null
    -- Two batches that wait for each other's unique keys would deadlock in any other order.
    order by queue, unique_key nulls first, n
    on conflict do nothing`,
);
const RETURNING_ID = constant((sql) => sql`returning id::text`);

interface Standing {
  id: string | null;
  mark: number | null;
}

/** For each of the jobs the one with its id or unique key, or null where it is gone; with the mark of the former. */
function findStanding(db: Database, items: Item[]): Promise<Standing[]> {
  return db.run(
    (sql) => sql<Standing[]>`
      select
        coalesce(
          (select id from jobs where jobs.id = asked.id),
          (select id from dead_jobs where dead_jobs.id = asked.id),
          (select id from jobs where jobs.queue = asked.queue and jobs.unique_key = asked.unique_key)
        )::text as id,
        (select slot from jobs where jobs.id = asked.id and jobs.idempotency_key is null) as mark
      from unnest(
        ${items.map(({ id }) => id)}::uuid[],
        ${items.map(({ queue }) => queue)}::text[],
        ${items.map(({ unique_key }) => unique_key ?? null)}::text[]
      ) with ordinality as asked (id, queue, unique_key, n)
      order by n`,
  );
}

/** Of items with the same id the first, which stands for the others; these same items where all ids were made here. */
function firstOfEach(items: Item[]): Item[] {
  if (items.every(({ ownId }) => ownId)) return items;
  const firsts = new Map<string, Item>();
  for (const item of items) if (!firsts.has(item.id)) firsts.set(item.id, item);
  return [...firsts.values()];
}
