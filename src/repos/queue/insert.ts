import { createHash } from 'node:crypto';
import { atOnce } from '../../database/at-once.js';
import { column } from '../../database/column.js';
import { constant, NOTHING } from '../../database/constant.js';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { type LockPatience, withinLockTimeout } from '../../database/lock-timeout.js';
import { type InsertedRow, slotColumns } from './hand-over.js';
import type { Item } from './push.js';

/** What the service gives a job that says nothing of it. */
export interface Defaults {
  maxAttempts: number;
  leaseSeconds: number;
  /** 0 where ids that clients made are not remembered. */
  idRetentionMinutes: number;
}

type Slots = Parameters<typeof slotColumns>[2];
export const NO_SLOTS: Slots = { slots: new Map(), token: null, delivery: '0' };

/** Between JSON texts, which cannot hold it (RFC 7464): a list of them need not be quoted as an array must. */
const RECORD_SEPARATOR = '\x1e';

/** All were inserted, none with a slot. */
export const ALL = 'all';

export interface InsertOptions {
  patience: LockPatience;
  /** Nothing is inserted where one of the ids was given to another job. */
  isWhole: boolean;
}

/** Inserts the jobs that stand nowhere, those with a slot as running, and returns what was inserted. */
export async function insertAll(
  db: Database,
  items: Item[],
  defaults: Defaults,
  slots: Slots,
  { patience, isWhole }: InsertOptions,
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
      const ids = items.filter(({ ownId }) => !ownId).map(({ id }) => id);
      const insert = sql`
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
            n, id, queue, job, coalesce(priority, 0) as priority, nullif(unique_key, '') as unique_key,
            coalesce(max_attempts, ${defaults.maxAttempts}) as max_attempts, nullif(lease_seconds, 0) as lease_seconds,
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
              unnest(${items.map(({ queue }) => queue)}::text[]) as queue,
              unnest(string_to_array(${items.map(({ job }) => job).join(RECORD_SEPARATOR)}, ${RECORD_SEPARATOR})) as job,
              unnest(${column(items, ({ priority }) => priority, 0)}::smallint[]) as priority,
              unnest(${column(items, ({ unique_key }) => unique_key, '')}::text[]) as unique_key,
              unnest(${column(items, ({ delay_seconds }) => delay_seconds, 0)}::float8[]) as delay_seconds,
              unnest(${column(items, ({ run_at }) => run_at, '-infinity')}::text[]::timestamptz[]) as run_at,
              unnest(${column(items, ({ max_attempts }) => max_attempts, defaults.maxAttempts)}::integer[]) as max_attempts,
              unnest(${column(items, ({ lease_seconds }) => lease_seconds, 0)}::integer[]) as lease_seconds
          ) as job
        ) as asked
        ${isNew ? NOTHING(sql) : sql`where ${withinLockTimeout(sql, patience)} ${UNLESS_STANDING(sql)}`}
        ${isWhole ? unlessUsed(sql, items) : NOTHING(sql)}
        ${isNew ? NOTHING(sql) : IN_ORDER(sql)}
        ${isWhole ? UNLESS_SAME_KEY(sql) : isNew ? NOTHING(sql) : UNLESS_CONFLICT(sql)}
        ${isAll ? NOTHING(sql) : RETURNING_ID(sql)} ${slotted.returning}`;
      if (ids.length > 0 && defaults.idRetentionMinutes > 0)
        return remembering(sql, insert, ids, slotted.returned);
      return sql<InsertedRow[]>`
        with ${atOnce(sql)}
        ${insert}`;
    },
    { rivals: ['jobs_pkey', 'job_ids_pkey'] },
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
      and (select true from jobs where jobs.id = asked.id) is null
      and (select true from dead_jobs where dead_jobs.id = asked.id) is null
      and (select true from job_ids where job_ids.id = asked.id) is null`,
);
// Two batches that wait for each other's unique keys would deadlock in any other order.
const IN_ORDER = constant((sql) => sql`order by queue, unique_key nulls first, n`);
const UNLESS_CONFLICT = constant((sql) => sql`on conflict do nothing`);
// A rival that inserts one of the ids at this moment makes the statement run again, and then see what it inserted.
const UNLESS_SAME_KEY = constant(
  (sql) => sql`on conflict (queue, unique_key) where unique_key is not null do nothing`,
);

function unlessUsed(sql: Sql, items: Item[]): Fragment {
  return sql`and not exists (select from (${standing(sql, items)}) as standing where "isOther")`;
}

const RETURNING_ID = constant((sql) => sql`returning id::text`);

/**
 * Inserts jobs and remembers the ids that clients made. It does not skip an id that a rival remembers at the same
 * moment: the violation makes the statement run again, and then find what the rival has pushed.
 */
function remembering(sql: Sql, insert: Fragment, ids: string[], returned: Fragment) {
  return sql<InsertedRow[]>`
    with ${atOnce(sql)},
    inserted as (${insert}, queue as of_queue, sha256(convert_to(job::text, 'UTF8')) as job_sha256),
    remembered as (
      insert into job_ids (id, queue, job_sha256)
      select id::uuid, of_queue, job_sha256
      from inserted
      where id = any(${ids}::text[])
      order by id
    )
    select id ${returned}
    from inserted`;
}

interface Standing {
  id: string | null;
  /** Of a job that runs for a poll without a key: which delivery. */
  delivery: string | null;
  /** The id was given to another job: in another queue, or with other bytes. */
  isOther: boolean;
}

/** For each of the jobs the one with its id or unique key, or null where it is gone. */
export function findStanding(db: Database, items: Item[]): Promise<Standing[]> {
  return db.run((sql) => sql<Standing[]>`${standing(sql, items)} order by n`);
}

function standing(sql: Sql, items: Item[]): Fragment {
  return sql`
      select
        n,
        coalesce(known.id, (
          select id
          from jobs
          where jobs.queue = asked.queue
            and jobs.unique_key = asked.unique_key
        ))::text as id,
        known.delivery::text as delivery,
        coalesce((known.queue, known.job_sha256) <> (asked.queue, asked.job_sha256), false) as "isOther"
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ id }) => id)}::uuid[]) as id,
          unnest(${items.map(({ queue }) => queue)}::text[]) as queue,
          unnest(${items.map(({ unique_key }) => unique_key ?? '')}::text[]) as unique_key,
          decode(unnest(${items.map(({ job }) => sha256(job))}::text[]), 'hex') as job_sha256
      ) as asked
      left join lateral (
        select id, queue, sha256(convert_to(job::text, 'UTF8')) as job_sha256,
          case when idempotency_key is null then delivery end as delivery
        from jobs
        where jobs.id = asked.id
        union all
        select id, queue, sha256(convert_to(job::text, 'UTF8')), null
        from dead_jobs
        where dead_jobs.id = asked.id
        union all
        select id, queue, job_sha256, null
        from job_ids
        where job_ids.id = asked.id
        limit 1
      ) as known on true`;
}

function sha256(job: string): string {
  return createHash('sha256').update(job).digest('hex');
}
