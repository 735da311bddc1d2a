import { atOnce } from '../../../database/at-once.js';
import { column } from '../../../database/column.js';
import { constant, NOTHING } from '../../../database/constant.js';
import type { Database, Fragment, Sql } from '../../../database/database.js';
import { WITHIN_LOCK_TIMEOUT } from '../../../database/lock-timeout.js';
import type { Slot } from './claim.js';

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

/** A new job with its id. */
export interface JobToInsert extends NewJob {
  id: string;
  /** The id was made by this process, not by the client. */
  isOwnId: boolean;
}

/** What the service gives a job that does not say it. */
export interface Defaults {
  maxAttempts: number;
  leaseSeconds: number;
  /** 0 where the ids that clients made are not remembered. */
  idRetentionMinutes: number;
}

/** The slots of waiting polls that get jobs directly (docs/queue.md#direct-delivery), and their lease. */
export interface SlotsOfJobs {
  slots: ReadonlyMap<JobToInsert, Slot>;
  token: string | null;
  delivery: string;
}

export const NO_SLOTS: SlotsOfJobs = { slots: new Map(), token: null, delivery: '0' };

/** A job that was inserted. All but the id only where slots were given. */
export interface InsertedRow {
  id: string;
  queued_at?: string;
  max_attempts?: number;
  /** Null where the job has no slot, or the queue is paused. */
  lease_expires_at?: string | null;
}

/** All jobs were inserted, none with a slot. */
export const ALL = 'all';

/** Between JSON texts, which cannot contain it (RFC 7464). A joined list needs no quoting, as an array would. */
const RECORD_SEPARATOR = '\x1e';

/** Inserts the jobs whose id and unique key do not exist, those with a slot as running. */
export async function insertJobs(
  db: Database,
  jobs: JobToInsert[],
  defaults: Defaults,
  delivery: SlotsOfJobs,
): Promise<InsertedRow[] | typeof ALL> {
  let isFirstRun = true;
  let insertsAll = false;
  const rows = await db.run(
    (sql) => {
      // A second run may meet the jobs that the first one has inserted.
      const isNew = isFirstRun && areNew(jobs, delivery);
      isFirstRun = false;
      insertsAll = isNew && delivery.slots.size === 0;
      const slots = slotColumns(sql, jobs, delivery, defaults.leaseSeconds);
      const clientIds = jobs.filter(({ isOwnId }) => !isOwnId).map(({ id }) => id);
      const insert = sql`
        insert into jobs (
          id, seq, queue, job, state, priority, unique_key, run_at, max_attempts, lease_seconds ${slots.names}
        )
        select
          id, seq, queue, job::json,
          case when ${slots.isDelivered} then 'running' when run_at is null then 'ready' else 'scheduled' end,
          priority, unique_key, run_at, max_attempts, lease_seconds
          ${slots.values}
        from (
          select
            n, id, queue, job, coalesce(priority, 0) as priority, unique_key,
            coalesce(max_attempts, ${defaults.maxAttempts}) as max_attempts, lease_seconds,
            -- The order of arrival. The rows may be inserted in another order, that of their locks.
            nextval('jobs_seq_seq') as seq,
            case
              when coalesce(delay_seconds, 0) > 0 then clock_timestamp() + make_interval(secs => delay_seconds)
              when run_at > clock_timestamp() then run_at
            end as run_at
            ${slots.requested}
          -- In a select list they are read in step. In "from" each would be materialized first.
          from (
            select
              generate_series(1, ${jobs.length}::integer) as n,
              unnest(${jobs.map(({ id }) => id)}::uuid[]) as id,
              unnest(${column(jobs, ({ queue }) => queue)}::text[]) as queue,
              unnest(string_to_array(${jobs.map(({ job }) => job).join(RECORD_SEPARATOR)}, ${RECORD_SEPARATOR})) as job,
              unnest(${column(jobs, ({ priority }) => priority)}::smallint[]) as priority,
              unnest(${column(jobs, ({ unique_key }) => unique_key)}::text[]) as unique_key,
              unnest(${column(jobs, ({ delay_seconds }) => delay_seconds)}::float8[]) as delay_seconds,
              unnest(${column(jobs, ({ run_at }) => run_at)}::text[]::timestamptz[]) as run_at,
              unnest(${column(jobs, ({ max_attempts }) => max_attempts)}::integer[]) as max_attempts,
              unnest(${column(jobs, ({ lease_seconds }) => lease_seconds)}::integer[]) as lease_seconds
          ) as job
        ) as requested
        ${isNew ? NOTHING(sql) : UNLESS_EXISTING(sql)}
        ${insertsAll ? NOTHING(sql) : RETURNING_ID(sql)} ${slots.returning}`;
      if (clientIds.length > 0 && defaults.idRetentionMinutes > 0)
        return insertAndRemember(sql, insert, clientIds, slots.returning);
      return sql<InsertedRow[]>`
        with ${atOnce(sql)}
        ${insert}`;
    },
    { rivals: ['jobs_pkey', 'job_ids_pkey'] },
  );
  return insertsAll ? ALL : rows;
}

/** No other transaction can insert these: their ids were made here just now, and they have no key. */
function areNew(jobs: JobToInsert[], { slots }: SlotsOfJobs): boolean {
  for (const { idempotency_key } of slots.values()) if (idempotency_key !== undefined) return false;
  return jobs.every(({ isOwnId, unique_key }) => isOwnId && unique_key === undefined);
}

const UNLESS_EXISTING = constant(
  (sql) => sql`
    where ${WITHIN_LOCK_TIMEOUT(sql)}
      -- Not left to "on conflict": a job that dies meanwhile would exist twice. And scalar subqueries, because a plan
      -- may turn "not exists" into a join, and read the whole table for it.
      and (select true from jobs where jobs.id = requested.id) is null
      and (select true from dead_jobs where dead_jobs.id = requested.id) is null
      and (select true from job_ids where job_ids.id = requested.id) is null
    -- In any other order two batches that wait for each other's unique keys would deadlock.
    order by queue, unique_key nulls first, n
    on conflict do nothing`,
);
const RETURNING_ID = constant((sql) => sql`returning id::text`);

/**
 * Inserts the jobs and remembers the ids that clients made. Where another transaction remembers one of them at the same
 * moment, the violated constraint makes the statement run again, and it then finds the other job.
 */
function insertAndRemember(sql: Sql, insert: Fragment, clientIds: string[], returning: Fragment) {
  return sql<InsertedRow[]>`
    with ${atOnce(sql)},
    inserted as (${insert}, queue as of_queue, sha256(convert_to(job::text, 'UTF8')) as job_sha256),
    remembered as (
      insert into job_ids (id, queue, job_sha256)
      select id::uuid, of_queue, job_sha256
      from inserted
      where id = any(${clientIds}::text[])
      order by id
    )
    select id ${returning}
    from inserted`;
}

interface SlotColumns {
  /** More columns of `requested`. */
  requested: Fragment;
  /** Whether a row of `requested` goes to a slot. */
  isDelivered: Fragment;
  names: Fragment;
  values: Fragment;
  returning: Fragment;
}

const NEVER = constant((sql) => sql`false`);
const IS_DELIVERED = constant((sql) => sql`worker_id is not null`);
const NAMES = constant(
  (sql) => sql`, claims, worker_id, lease_token, delivery, lease_expires_at, idempotency_key, slot`,
);
const RETURNING = constant((sql) => sql`, queued_at, max_attempts, lease_expires_at`);

/** The parts of the insert by which jobs go to slots; empty where there are no slots. */
function slotColumns(
  sql: Sql,
  jobs: JobToInsert[],
  { slots, token, delivery }: SlotsOfJobs,
  leaseSeconds: number,
): SlotColumns {
  if (slots.size === 0) {
    const none = NOTHING(sql);
    return { requested: none, isDelivered: NEVER(sql), names: none, values: none, returning: none };
  }
  const ofSlots = <T>(read: (slot: Slot) => T | undefined): (T | null)[] =>
    column(jobs, (job) => {
      const slot = slots.get(job);
      return slot && read(slot);
    });
  return {
    requested: sql`,
      case
        when not exists (select from paused_queues where paused_queues.queue = job.queue)
        then (${ofSlots(({ worker_id }) => worker_id)}::text[])[n]
      end as worker_id`,
    isDelivered: IS_DELIVERED(sql),
    names: NAMES(sql),
    values: sql`,
      case when worker_id is null then 0 else 1 end,
      worker_id,
      case when worker_id is not null then ${token}::text::bigint end,
      case when worker_id is not null then ${delivery}::text::bigint end,
      case when worker_id is not null then clock_timestamp() + make_interval(secs => coalesce(
        (${ofSlots(({ lease_seconds }) => lease_seconds)}::integer[])[n],
        lease_seconds,
        ${leaseSeconds}
      )) end,
      case when worker_id is not null then (${ofSlots(({ idempotency_key }) => idempotency_key)}::text[])[n] end,
      case when worker_id is not null then (${ofSlots(({ idempotency_key, slot }) => (idempotency_key === undefined ? undefined : slot))}::integer[])[n] end`,
    returning: RETURNING(sql),
  };
}
