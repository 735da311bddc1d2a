import { column } from '../../../database/column.js';
import type { Database, Fragment, Sql } from '../../../database/database.js';
import { constant, NOTHING } from '../../../database/driver/constant.js';
import { padding } from '../../../database/driver/padding.js';
import { type LockTimeout, withinLockTimeout } from '../../../database/lock-timeout.js';
import { RECORD_SEPARATOR } from '../../../database/record-separator.js';
import { existingJobs } from './find-existing-jobs.js';
import type { JobToInsert } from './job-to-insert.js';
import { MAX_RUN, type SlotsOfJobs, slotColumns } from './slot-columns.js';

/** What the service gives a job that does not say it. */
export interface Defaults {
  maxAttempts: number;
  leaseSeconds: number;
  /** 0 if the ids that clients made are not remembered. */
  idRetentionMinutes: number;
}

/** A job that was inserted. All but the id only where slots were given. Its times are as jsonTime returns them. */
export interface InsertedRow {
  id: string;
  queued_at?: string;
  max_attempts?: number;
  /** Null if the job has no slot, or the queue is paused. */
  lease_expires_at?: string | null;
}

/** All jobs were inserted as ready or scheduled, so that no row had to be returned. */
export const ALL = 'all';

export interface InsertOptions {
  lockTimeout: LockTimeout;
  /** Inserts nothing where one of the ids belongs to a different job. */
  isWhole: boolean;
}

/** Inserts the jobs whose id and unique key do not exist, those with a slot as running. */
export async function insertJobs(
  db: Database,
  jobs: JobToInsert[],
  defaults: Defaults,
  delivery: SlotsOfJobs,
  { lockTimeout, isWhole }: InsertOptions,
): Promise<InsertedRow[] | typeof ALL> {
  let isFirstRun = true;
  let insertsAll = false;
  const rows = await db.run(
    (sql) => {
      // A second run may meet the jobs that the first one has inserted.
      const isNew = isFirstRun && areNew(jobs, delivery);
      isFirstRun = false;
      insertsAll = isNew && delivery.slots.size === 0;
      // Most pushes have no longest run, and pay nothing for it.
      const isLimited = jobs.some(({ max_run_seconds }) => max_run_seconds !== undefined);
      const longestRun = isLimited ? MAX_RUN(sql) : NOTHING(sql);
      const slots = slotColumns(sql, jobs, delivery, { leaseSeconds: defaults.leaseSeconds, isLimited });
      const clientIds = jobs.filter(({ isOwnId }) => !isOwnId).map(({ id }) => id);
      const insert = sql`
        insert into jobs (
          id, seq, queue, job, state, priority, unique_key, run_at, max_attempts, lease_seconds ${longestRun} ${slots.names}
        )
        select
          id, seq, queue, job::json,
          case when ${slots.isDelivered} then 'running' when run_at is null then 'ready' else 'scheduled' end,
          priority, unique_key, run_at, max_attempts, lease_seconds ${longestRun}
          ${slots.values}
        from (
          select
            n, id, queue, job, coalesce(priority, 0) as priority, nullif(unique_key, '') as unique_key,
            coalesce(max_attempts, ${defaults.maxAttempts}) as max_attempts, nullif(lease_seconds, 0) as lease_seconds,
            -- The order of arrival. The rows may be inserted in another order, that of their locks.
            nextval('jobs_seq_seq') as seq,
            case
              when coalesce(delay_seconds, 0) > 0 then clock_timestamp() + make_interval(secs => delay_seconds)
              when run_at > clock_timestamp() then run_at
            end as run_at
            ${isLimited ? MAX_RUN_OR_NULL(sql) : NOTHING(sql)}
            ${slots.requested}
          -- In a select list they are read in step. In "from" each would be materialized first.
          from (
            select
              generate_series(1, ${jobs.length}::integer) as n,
              unnest(${jobs.map(({ id }) => id)}::uuid[]) as id,
              unnest(${jobs.map(({ queue }) => queue)}::text[]) as queue,
              unnest(string_to_array(${jobs.map(({ job }) => job).join(RECORD_SEPARATOR)}, ${RECORD_SEPARATOR})) as job,
              unnest(${column(jobs, ({ priority }) => priority, 0)}::smallint[]) as priority,
              unnest(${column(jobs, ({ unique_key }) => unique_key, '')}::text[]) as unique_key,
              unnest(${column(jobs, ({ delay_seconds }) => delay_seconds, 0)}::float8[]) as delay_seconds,
              unnest(${column(jobs, ({ run_at }) => run_at, '-infinity')}::text[]::timestamptz[]) as run_at,
              unnest(${column(jobs, ({ max_attempts }) => max_attempts, defaults.maxAttempts)}::integer[]) as max_attempts,
              unnest(${column(jobs, ({ lease_seconds }) => lease_seconds, 0)}::integer[]) as lease_seconds
              ${isLimited ? sql`, unnest(${column(jobs, ({ max_run_seconds }) => max_run_seconds, 0)}::integer[]) as max_run_seconds` : NOTHING(sql)}
          ) as job
        ) as requested
        ${isNew ? NOTHING(sql) : sql`where ${withinLockTimeout(sql, lockTimeout)} ${UNLESS_EXISTING(sql)}`}
        ${isWhole ? unlessIdsUsed(sql, jobs) : NOTHING(sql)}
        ${isNew ? NOTHING(sql) : IN_ORDER(sql)}
        ${isWhole ? UNLESS_SAME_KEY(sql) : isNew ? NOTHING(sql) : UNLESS_CONFLICT(sql)}
        ${insertsAll ? NOTHING(sql) : RETURNING_ID(sql)} ${slots.returning}`;
      if (clientIds.length > 0 && defaults.idRetentionMinutes > 0)
        return insertAndRemember(sql, insert, clientIds, slots.returned);
      return sql<InsertedRow[]>`
        with ${padding(sql)}
        ${insert}`;
    },
    { conflicts: ['jobs_pkey', 'job_ids_pkey'] },
  );
  return insertsAll ? ALL : rows;
}

/** No other transaction can insert these: their ids were made here just now, and they have no key. */
function areNew(jobs: JobToInsert[], { slots }: SlotsOfJobs): boolean {
  for (const { idempotency_key } of slots.values()) if (idempotency_key !== undefined) return false;
  return jobs.every(({ isOwnId, unique_key }) => isOwnId && unique_key === undefined);
}

const MAX_RUN_OR_NULL = constant((sql) => sql`, nullif(max_run_seconds, 0) as max_run_seconds`);

const UNLESS_EXISTING = constant(
  (sql) => sql`
      -- Not left to "on conflict": a job that dies meanwhile would exist twice. And scalar subqueries, because a plan
      -- may turn "not exists" into a join, and read the whole table for it.
      and (select true from jobs where jobs.id = requested.id) is null
      and (select true from dead_jobs where dead_jobs.id = requested.id) is null
      and (select true from job_ids where job_ids.id = requested.id) is null`,
);
/** In any other order two batches that wait for each other's unique keys would deadlock. */
const IN_ORDER = constant((sql) => sql`order by queue, unique_key nulls first, n`);
const UNLESS_CONFLICT = constant((sql) => sql`on conflict do nothing`);
/** Another transaction that inserts one of the ids at this moment makes the statement run again, and find that job. */
const UNLESS_SAME_KEY = constant(
  (sql) => sql`on conflict (queue, unique_key) where unique_key is not null do nothing`,
);

function unlessIdsUsed(sql: Sql, jobs: JobToInsert[]): Fragment {
  return sql`and not exists (select from (${existingJobs(sql, jobs)}) as existing where "isDifferent")`;
}

const RETURNING_ID = constant((sql) => sql`returning id::text`);

/**
 * Inserts the jobs and remembers the ids that clients made. Where another transaction remembers one of them at the same
 * moment, the violated constraint makes the statement run again, and it then finds the other job.
 */
function insertAndRemember(sql: Sql, insert: Fragment, clientIds: string[], returned: Fragment) {
  return sql<InsertedRow[]>`
    with ${padding(sql)},
    inserted as (${insert}, queue as of_queue, sha256(convert_to(job::text, 'UTF8')) as job_sha256),
    remembered as (
      insert into job_ids (id, queue, job_sha256)
      select id::uuid, of_queue, job_sha256
      from inserted
      where id = any(${clientIds}::text[])
      order by id
    )
    select id ${returned}
    from inserted`;
}
