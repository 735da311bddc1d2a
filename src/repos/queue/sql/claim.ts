import { column } from '../../../database/column.js';
import type { Database, Fragment, Sql } from '../../../database/database.js';
import { constant, NOTHING, NULL, TRUE } from '../../../database/driver/constant.js';
import { padding } from '../../../database/driver/padding.js';
import { jsonTime, utcOfJson } from '../../time-text.js';
import { type DoneLease, keepCompleted, keptColumns } from './keep-completed.js';
import { type Delivery, formatLease, LEASE_OF_JOB, RUN_MICROSECONDS, randomToken } from './lease.js';
import type { QueuePosition } from './queue-position.js';

/** One job that a poll asks for. */
export interface Slot {
  /** The place of its poll among the polls of this claim. */
  poll: number;
  /** Counts the slots of the poll, from 1. */
  slot: number;
  worker_id: string;
  idempotency_key: string | undefined;
  lease_seconds: number | undefined;
}

export interface ClaimedJob extends Delivery {
  /** JSON text, as it was pushed. */
  job: string;
  attempts: number;
  max_attempts: number;
  queued_at: string;
  lease_expires_at: string;
  /** The length of the lease. A heartbeat without a length extends it by the same. */
  lease_seconds: number;
  /** Longest run from the claim on; null if none is set. */
  max_run_seconds: number | null;
}

/** The row of a claimed job. Its times are as jsonTime returns them. */
interface ClaimedRow extends Omit<ClaimedJob, 'delivery' | 'lease_seconds'>, QueuePosition {
  /** Null if neither the poll nor the push set it. */
  lease_seconds: number | null;
  /** Microseconds that it was ready. */
  waited: number;
  /** The number of its slot, from 1. */
  n: number;
  /** The job was running already, for the same worker and idempotency key. */
  redelivered: boolean;
}

export interface ClaimSettings {
  leaseSeconds: number;
  /** How long completed jobs are kept; 0, the default, does not keep them. */
  completedRetentionMinutes?: number;
  /** Makes the token of the leases of one claim; null while replicas run that refuse tokens (lease-tokens.ts). */
  nextToken?: () => string | null;
}

interface Summary {
  /** Ready jobs that were found. If fewer were delivered, the others were too large for one answer. */
  found: number;
  /** The leases that were completed, separated by spaces; null if all of them were. */
  completed: string | null;
  /** The microseconds that each of the completed jobs ran, separated by spaces; null for none. */
  ran: string | null;
  /** The queue of each completed job of another queue; null for none. */
  others: string[] | null;
  /** Polls whose keys have running jobs that another transaction has locked, separated by spaces; null for none. */
  blocked: string | null;
}

/** A completed job, and its lease. */
export interface CompletedRow {
  id: string;
  claims: number;
  lease_token: string | null;
  queue: string;
  /** The microseconds that it ran; NaN if that is not known. */
  ran: string;
}

/** A job, or the one row of the summary, with the columns of the other null. */
type Row =
  | (ClaimedRow & { [Column in keyof Summary]: null })
  | ({ [Column in keyof ClaimedRow]: null } & Summary);

/** A job that a claim delivers. */
interface DeliveredJob extends ClaimedJob, QueuePosition, Pick<ClaimedRow, 'n' | 'redelivered'> {
  /** Seconds that it was ready. */
  waited: number;
}

export interface Claim {
  /** In the order of their slots, which is that of their priority and arrival. */
  jobs: DeliveredJob[];
  /** Ready jobs were left although slots were free. */
  truncated: boolean;
  /** For each of the leases, whether its job was completed. */
  completed: boolean[];
  /** Polls that could not get all the running jobs of their keys, because another transaction has locked some. */
  blocked: number[];
}

/** A claim with what metrics count. */
export interface CountedClaim extends Claim {
  /** The seconds that each of the completed jobs ran; NaN where that is not known. */
  ran: number[];
  /** The queue of each completed job of another queue. */
  others: string[];
}

/** The jobs of one claim are not larger than this together. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Delivers the ready jobs of a queue to the slots of waiting polls, in the order of both, and completes the leases
 * that the polls brought. One statement serves all polls of a queue.
 *
 * Ready jobs are locked by `for update skip locked`: replicas never wait for each other, nor for a job that somebody has
 * locked by hand (docs/queue.md#locks-and-their-order). What was tried instead:
 *
 * - the picked rows joined, with the limit there, instead of `id = any(array(…))`: a generic plan scanned the table;
 * - a scan from the start of the queue instead of the marks: 983 buffers instead of 13, with 60 thousand dead entries;
 * - idempotency keys without their unique index: two replicas that were asked at once both claimed;
 * - `row_number()` beside `for update`: PostgreSQL refuses it, so the rows are numbered outside.
 *
 * Parts that no poll needs are left out, because a part costs time even where it finds nothing. The variants as
 * PostgreSQL gets them are in test/fixtures/queue-sql/claim*.sql.
 *
 * @param leases to complete
 * @param marks where to begin (docs/queue.md#low-water-marks); undefined scans the whole queue
 */
export async function claimJobs(
  db: Database,
  queue: string,
  slots: Slot[],
  leases: DoneLease[],
  marks: QueuePosition[] | undefined,
  { leaseSeconds, completedRetentionMinutes: kept = 0, nextToken = randomToken }: ClaimSettings,
): Promise<CountedClaim> {
  const keys = slots.map(({ idempotency_key }) => idempotency_key ?? '');
  const hasKeys = keys.some((key) => key !== '');
  const hasLengths = slots.some(({ lease_seconds }) => lease_seconds !== undefined);
  const hasLeases = leases.length > 0;
  const delivery = randomToken();
  const token = nextToken();
  const rows = await db.run(
    (sql) => {
      const freeSlots = hasKeys ? COUNT_FREE(sql) : sql`${slots.length}::integer`;
      return sql<Row[]>`
        with ${padding(sql)},
        ${hasLeases ? sql`completed as (${deleteCompleted(sql, leases, kept)}),` : NOTHING(sql)}
        ${hasLeases && kept > 0 ? sql`${keepCompleted(sql, leases, kept)},` : NOTHING(sql)}
        ${hasKeys ? redeliver(sql, queue, slots, keys, delivery, hasLeases) : NOTHING(sql)}
        assigned as materialized (
          select
            id,
            ${hasKeys ? FREE_SLOT(sql) : PLACE(sql)}::integer as n,
            place = 1 or weight <= ${MAX_BYTES} as fits,
            clock_timestamp() as claimed_at
          from (
            select
              id,
              row_number() over in_order as place,
              sum(bytes) over in_order as weight
            from (${pickReady(sql, queue, marks, freeSlots)}) as picked
            where ${hasLeases ? AFTER_COMPLETIONS(sql) : TRUE(sql)}
            window in_order as (order by priority, seq rows unbounded preceding)
          ) as numbered
        ),
        claimed as (
          update jobs
          set
            state = 'running',
            claims = least(jobs.claims + 1, 999999999),
            claimed_at = assigned.claimed_at,
            lease_token = ${token}::text::bigint,
            delivery = ${delivery}::text::bigint,
            worker_id = (${slots.map(({ worker_id }) => worker_id)}::text[])[n],
            ${hasKeys ? keyColumns(sql, slots, keys) : NOTHING(sql)}
            ${hasLengths ? sql`run_lease_seconds = ${lengthOfSlot(sql, slots)},` : NOTHING(sql)}
            run_ends_at = assigned.claimed_at + make_interval(secs => jobs.max_run_seconds),
            lease_expires_at = assigned.claimed_at + make_interval(secs => least(
              coalesce(${hasLengths ? sql`${lengthOfSlot(sql, slots)},` : NOTHING(sql)} jobs.lease_seconds, ${leaseSeconds}),
              jobs.max_run_seconds
            ))
          from assigned
          where jobs.id = any(array(select id from assigned where fits))
            and jobs.id = assigned.id
          returning n, false as redelivered, ${WAITED(sql)} as waited, ${JOB_COLUMNS(sql)}
        )
        -- A row of its own for the summary: in the row of each job it would be sent as often as there are jobs. It is
        -- appended, because a join would first store all rows of jobs once more.
        select delivered.*, ${NO_SUMMARY(sql)}
        from (table claimed ${hasKeys ? UNION_REDELIVERED(sql) : NOTHING(sql)}) as delivered
        union all
        select
          ${NO_JOB(sql)},
          (select count(*) from assigned)::integer + ${hasKeys ? COUNT_REDELIVERED(sql) : ZERO(sql)},
          ${hasKeys ? BLOCKED_POLLS(sql) : NULL(sql)},
          ${hasLeases ? sql`${completedLeases(sql, leases.length)}, ran, others` : NO_COMPLETIONS(sql)}
        ${hasLeases ? sql`from (${summarized(sql, queue)}) as summarized` : NOTHING(sql)}`;
    },
    { conflicts: ['jobs_idempotency_key'], idempotent: false },
  );
  const summary = rows.find((row) => row.id === null);
  const jobs: DeliveredJob[] = [];
  for (const row of rows) {
    if (row.id === null) continue;
    jobs.push({
      ...row,
      waited: row.waited / 1e6,
      queued_at: utcOfJson(row.queued_at),
      lease_expires_at: utcOfJson(row.lease_expires_at),
      delivery,
      lease_seconds: row.lease_seconds ?? leaseSeconds,
    });
  }
  jobs.sort((one, other) => one.n - other.n);
  const completed = summary?.completed == null ? undefined : new Set(summary.completed.split(' '));
  return {
    jobs,
    truncated: (summary?.found ?? 0) > jobs.length,
    completed: leases.map((lease) => !completed || completed.has(formatLease(lease))),
    ran: summary?.ran?.split(' ').map((microseconds) => Number(microseconds) / 1e6) ?? [],
    others: summary?.others ?? [],
    blocked: summary?.blocked?.split(' ').map(Number) ?? [],
  };
}

/** The slots for ready jobs: all but those of polls whose keys have running jobs. */
export function lookingSlots(slots: Slot[], { jobs, blocked }: Pick<Claim, 'jobs' | 'blocked'>): Slot[] {
  const served = new Set<number | undefined>(blocked);
  for (const { redelivered, n } of jobs) if (redelivered) served.add(slots[n - 1]?.poll);
  return served.size === 0 ? slots : slots.filter(({ poll }) => !served.has(poll));
}

/** The length of the lease that the poll of a slot asks for, or null. */
function lengthOfSlot(sql: Sql, slots: Slot[]): Fragment {
  return sql`nullif((${column(slots, ({ lease_seconds }) => lease_seconds, 0)}::integer[])[n], 0)`;
}

const QUEUED_AT = constant((sql) => jsonTime(sql, sql`jobs.queued_at`));
const LEASE_EXPIRES_AT = constant((sql) => jsonTime(sql, sql`jobs.lease_expires_at`));

/** What a claim returns of a job. */
const JOB_COLUMNS = constant(
  (sql) => sql`
    jobs.id, jobs.claims, jobs.lease_token::text as token, jobs.job::text as job, jobs.attempts, jobs.max_attempts,
    ${QUEUED_AT(sql)} as queued_at, ${LEASE_EXPIRES_AT(sql)} as lease_expires_at,
    coalesce(jobs.run_lease_seconds, jobs.lease_seconds) as lease_seconds, jobs.max_run_seconds, jobs.priority, jobs.seq::text as seq`,
);

const WAITED = constant(
  (sql) => sql`
    (date_part('epoch', jobs.claimed_at - coalesce(jobs.ready_since, jobs.queued_at)) * 1000000)::bigint`,
);

/*
 * First part: completes the leases that the polls brought.
 */

/**
 * Deletes the jobs of the leases that are current. It skips a job whose row another transaction has locked, so that
 * the others need not wait for it.
 */
export function deleteCompleted(sql: Sql, leases: DoneLease[], retentionMinutes: number) {
  return sql<CompletedRow[]>`
    delete from jobs
    where id = any(array(
      select id
      from jobs
      where id = any(${leases.map(({ id }) => id)}::uuid[])
        -- Means state = 'running'. Written so because the planner would otherwise prefer jobs_running.
        and lease_expires_at is not null
        and ${LEASE_OF_JOB(sql)} = any(${leases.map(formatLease)}::text[])
      for update skip locked
    ))
    returning id, claims, lease_token::text as lease_token, queue, ${RUN_MICROSECONDS(sql)} as ran ${keptColumns(sql, retentionMinutes)}`;
}

const ZERO = constant((sql) => sql`0`);

/**
 * Always true. It makes PostgreSQL complete the leases before it locks ready jobs, because the idempotency keys of the
 * completed jobs must be free by then.
 */
const AFTER_COMPLETIONS = constant((sql) => sql`(select count(*) from completed) >= 0`);
const NOT_COMPLETED = constant((sql) => sql`not exists (select from completed where completed.id = jobs.id)`);

const NO_JOB = constant(
  (sql) => sql`null, null, null, null, null, null, null, null, null, null, null, null, null, null, null`,
);
const NO_SUMMARY = constant(
  (sql) => sql`
    null::integer as found, null::text as blocked, null::text as completed, null::text as ran, null::json as others`,
);
const NO_COMPLETIONS = constant((sql) => sql`null, null, null`);

/** The columns of the summary that are about completed jobs. */
function summarized(sql: Sql, queue: string): Fragment {
  return sql`
    select
      count(*),
      string_agg(ran, ' ') as ran,
      json_agg(completed.queue) filter (where completed.queue <> ${queue}) as others
    from completed`;
}

function completedLeases(sql: Sql, count: number): Fragment {
  return sql`
    case
      when count < ${count}::integer
      then (select coalesce(string_agg(${LEASE_OF_JOB(sql)}, ' '), '') from completed as jobs)
    end`;
}

/*
 * Second part: redelivers the running jobs of idempotency keys.
 */

/**
 * CTEs by which a poll whose idempotency key has running jobs gets those: the same leases, with one delivery more
 * (docs/queue.md#redelivery). Two replicas that are asked at once meet in the unique index jobs_idempotency_key; the
 * later statement is run again, and finds what the earlier one claimed.
 *
 * - `keyed`: the running jobs of the keys;
 * - `free`: the slots of the other polls;
 * - `locked`: those of `keyed` that no other transaction has locked;
 * - `blocked`: the polls that have others. A poll gets all jobs of its key or none, and what it does not get must not
 *   count as delivered;
 * - `redelivered`: the jobs of the polls that are not blocked.
 *
 * The slots come from generate_series, for which the planner expects a thousand rows and joins by hash. From unnest it
 * would expect ten, and compare each slot with each job.
 */
function redeliver(
  sql: Sql,
  queue: string,
  slots: Slot[],
  keys: string[],
  delivery: string,
  hasLeases: boolean,
): Fragment {
  return sql`
    slot as materialized (
      select
        n,
        (${slots.map(({ poll }) => poll)}::integer[])[n] as poll,
        (${slots.map(({ slot }) => slot)}::integer[])[n] as slot,
        (${slots.map(({ worker_id }) => worker_id)}::text[])[n] as worker_id,
        nullif((${keys}::text[])[n], '') as idempotency_key
      from generate_series(1, ${slots.length}::integer) as n
    ),
    keyed as materialized (
      select slot.poll, slot.n, jobs.id
      from slot
      join jobs on jobs.queue = ${queue}
        and jobs.worker_id = slot.worker_id
        and jobs.idempotency_key = slot.idempotency_key
        and jobs.slot = slot.slot
      -- Means state = 'running'. Written so because the planner would otherwise read jobs_running beside jobs_idempotency_key.
      where jobs.lease_expires_at is not null
        and ${hasLeases ? NOT_COMPLETED(sql) : TRUE(sql)}
    ),
    free as materialized (
      select n
      from slot
      where not exists (select from keyed where keyed.poll = slot.poll)
    ),
    locked as materialized (
      select jobs.id
      from jobs
      where jobs.id = any(array(select id from keyed))
        and jobs.lease_expires_at is not null
        and exists (
          select
          from slot
          where slot.worker_id = jobs.worker_id
            and slot.idempotency_key = jobs.idempotency_key
        )
      for update skip locked
    ),
    blocked as materialized (
      select distinct poll
      from keyed
      where not exists (select from locked where locked.id = keyed.id)
    ),
    redelivered as (
      update jobs
      set delivery = jobs.delivery # ${delivery}::text::bigint
      from keyed
      where jobs.id = any(array(select id from locked))
        and jobs.id = keyed.id
        and not exists (select from blocked where blocked.poll = keyed.poll)
      returning keyed.n, true as redelivered, 0::bigint as waited, ${JOB_COLUMNS(sql)}
    ),`;
}

const COUNT_FREE = constant((sql) => sql`(select count(*) from free)`);
const COUNT_REDELIVERED = constant((sql) => sql`(select count(*) from redelivered)::integer`);
const BLOCKED_POLLS = constant((sql) => sql`(select string_agg(poll::text, ' ') from blocked)`);
const UNION_REDELIVERED = constant((sql) => sql`union all table redelivered`);
/** The slot that gets the ready job at `place`. */
const FREE_SLOT = constant((sql) => sql`(array(select n from free order by n))[place]`);
/** The same where no poll has a key, so that all slots are free. */
const PLACE = constant((sql) => sql`place`);

/** By these columns a later claim finds the running jobs of a key. */
function keyColumns(sql: Sql, slots: Slot[], keys: string[]): Fragment {
  return sql`
    idempotency_key = nullif((${keys}::text[])[n], ''),
    slot = (${slots.map(({ slot }) => slot)}::integer[])[n],`;
}

/*
 * Third part: picks and locks the ready jobs.
 */

/**
 * The first ready jobs of a queue, in their order, locked.
 *
 * @param marks in the order of their priorities; undefined scans the whole queue
 * @param most how many jobs
 */
function pickReady(sql: Sql, queue: string, marks: QueuePosition[] | undefined, most: Fragment): Fragment {
  const last = marks?.at(-1);
  if (!marks || !last) {
    return sql`
      select id, priority, seq, octet_length(job::text) as bytes
      from jobs
      where queue = ${queue}
        and state = 'ready'
        and not exists (select from paused_queues where paused_queues.queue = ${queue})
      order by priority, seq
      limit ${most}
      for update skip locked`;
  }
  const fromLast = sql`
    select id, priority, seq, octet_length(job::text) as bytes
    from jobs
    where queue = ${queue}
      and state = 'ready'
      and (priority, seq) >= (${last.priority}::smallint, ${last.seq}::text::bigint)
      and not exists (select from paused_queues where paused_queues.queue = ${queue})
    order by priority, seq
    limit ${most}
    for update skip locked`;
  if (marks.length === 1) return fromLast;
  // One range of the index for each priority before the last, in their order. The limit ends them as soon as it is met.
  const before = marks.slice(0, -1);
  return sql`
    select job.id, job.priority, job.seq, job.bytes
    from unnest(
      ${before.map(({ priority }) => priority)}::smallint[],
      ${before.map(({ seq }) => seq)}::text[]::bigint[]
    ) as mark (priority, seq)
    cross join lateral (
      select id, priority, seq, octet_length(job::text) as bytes
      from jobs
      where queue = ${queue}
        and state = 'ready'
        and priority = mark.priority
        and seq >= mark.seq
        and not exists (select from paused_queues where paused_queues.queue = ${queue})
      order by seq
      limit ${most}
      for update skip locked
    ) as job
    union all
    select * from (${fromLast}) as last
    limit ${most}`;
}
