import type { Database, Sql } from '../../database/database.js';
import { utcText } from '../keyset.js';
import { heldLeases } from './held.js';
import type { Lease } from './lease.js';
import type { Mark } from './low-marks.js';

/** One job that a poll asks for. */
export interface Slot {
  /** Which poll, and which of its jobs, from 1. */
  poll: number;
  slot: number;
  worker_id: string;
  idempotency_key: string | undefined;
  lease_seconds: number | undefined;
}

export interface ClaimedJob {
  id: string;
  claims: number;
  /** JSON text, as it was pushed. */
  job: string;
  attempts: number;
  max_attempts: number;
  queued_at: string;
  lease_expires_at: string;
}

interface ClaimedRow extends ClaimedJob, Mark {
  poll: number;
  /** Handed out before, to the same worker and idempotency key. */
  again: boolean;
}

/** There is always one, with nulls where nothing was handed out. */
type Row = (ClaimedRow | { [Column in keyof ClaimedRow]: null }) & {
  /** Ready jobs that were found; more than were handed out means that they were too heavy together. */
  found: number;
  /** A 1 for each lease that was held, else a 0, in their order. */
  held: string;
};

export interface Claim {
  jobs: ClaimedRow[];
  /** Ready jobs were left although slots were free. */
  truncated: boolean;
  /** For each of the leases that were to be completed, whether it was held and is. */
  held: boolean[];
}

/** What the jobs of one statement may weigh together. */
const HEAVIEST = 8 * 1024 * 1024;

/**
 * Hands out the ready jobs of a queue to the slots of parked polls, in the order of both; one statement for
 * all polls that wait.
 *
 * - A poll whose idempotency key holds running jobs gets those again. Two replicas that are asked at once
 *   meet in the unique index, and the later one runs again and finds what the earlier one claimed.
 * - `skip locked`: replicas never wait for each other, nor for a job that somebody holds by hand.
 * - The rows are picked by an array of ids: joined to the CTE alone, a generic plan may scan the table.
 * - generate_series where unnest would be shorter: the planner takes it for a thousand rows and joins by hash;
 *   from unnest it expects ten, and compares each with each.
 * - FOR UPDATE and row_number() do not go together, so the picked rows are numbered outside.
 * - What the polls bring as completed goes first, in the same commit: its workers' keys are free again then.
 *
 * @param done leases to complete
 * @param marks where to begin; undefined looks at the whole queue
 */
export async function claimJobs(
  db: Database,
  queue: string,
  slots: Slot[],
  done: Lease[],
  marks: Mark[] | undefined,
  defaults: { leaseSeconds: number },
): Promise<Claim> {
  const column = <T>(value: (slot: Slot) => T): T[] => slots.map(value);
  const rows = await db.run(
    (sql) => sql<Row[]>`
      with ${heldLeases(sql, done)},
      completed as (
        delete from jobs
        where id = any(array(select id from held))
        returning id
      ),
      slot as materialized (
        select
          n,
          (${column(({ poll }) => poll)}::integer[])[n] as poll,
          (${column(({ slot }) => slot)}::integer[])[n] as slot,
          (${column(({ worker_id }) => worker_id)}::text[])[n] as worker_id,
          (${column(({ idempotency_key }) => idempotency_key ?? null)}::text[])[n] as idempotency_key,
          (${column(({ lease_seconds }) => lease_seconds ?? null)}::integer[])[n] as lease_seconds
        from generate_series(1, ${slots.length}::integer) as n
      ),
      again as materialized (
        select slot.poll, slot.n, jobs.id
        from slot
        join jobs on jobs.queue = ${queue}
          and jobs.worker_id = slot.worker_id
          and jobs.idempotency_key = slot.idempotency_key
          and jobs.slot = slot.slot
        where jobs.state = 'running'
          and not exists (select from completed where completed.id = jobs.id)
      ),
      free as materialized (
        select row_number() over (order by n) as place, n, poll, slot, worker_id, idempotency_key, lease_seconds
        from slot
        where not exists (select from again where again.poll = slot.poll)
          -- Asked for what it does: all of them are deleted before the first job is claimed.
          and (select count(*) from completed) >= 0
      ),
      picked as materialized (
        ${marks ? pickFromMarks(sql, queue, marks) : pickFromStart(sql, queue)}
      ),
      numbered as materialized (
        select
          id,
          row_number() over in_order as place,
          sum(bytes) over in_order as weight
        from picked
        window in_order as (order by priority, seq)
      ),
      dealt as materialized (
        select numbered.id, free.n, free.poll, free.slot, free.worker_id, free.idempotency_key, free.lease_seconds
        from numbered
        join free using (place)
        where place = 1 or weight <= ${HEAVIEST}
      ),
      claimed as (
        update jobs
        set
          state = 'running',
          claims = jobs.claims + 1,
          worker_id = dealt.worker_id,
          idempotency_key = dealt.idempotency_key,
          slot = dealt.slot,
          lease_expires_at = clock_timestamp()
            + make_interval(secs => coalesce(dealt.lease_seconds, jobs.lease_seconds, ${defaults.leaseSeconds}))
        from dealt
        where jobs.id = any(array(select id from dealt))
          and jobs.id = dealt.id
        returning dealt.poll, dealt.n, jobs.id, jobs.claims, jobs.job, jobs.attempts, jobs.max_attempts,
          jobs.queued_at, jobs.lease_expires_at, jobs.priority, jobs.seq
      ),
      handed as (
        select
          false as again,
          poll, n, id, claims, job, attempts, max_attempts, queued_at, lease_expires_at, priority, seq
        from claimed
        union all
        select
          true as again,
          again.poll, again.n, id, claims, job, attempts, max_attempts, queued_at, lease_expires_at, priority, seq
        from again
        join jobs using (id)
      ),
      summary as (
        select
          (select count(*) from picked)::integer + (select count(*) from again)::integer as found,
          (
            select coalesce(string_agg(case when held.id is null then '0' else '1' end, '' order by asked.n), '')
            from asked
            left join held using (id, claims)
          ) as held
      )
      select
        poll,
        id::text as id,
        claims,
        job::text as job,
        attempts,
        max_attempts,
        ${utcText(sql, 'queued_at')} as queued_at,
        ${utcText(sql, 'lease_expires_at')} as lease_expires_at,
        priority,
        seq::text as seq,
        again,
        summary.found,
        summary.held
      from summary
      left join handed on true
      order by n`,
    { rivals: ['jobs_idempotency_key'], repeatable: false },
  );
  const [summary] = rows;
  const jobs = rows.filter((row): row is ClaimedRow & Row => row.id !== null);
  return {
    jobs,
    truncated: (summary?.found ?? 0) > jobs.length,
    held: done.map((_, at) => summary?.held[at] === '1'),
  };
}

function pickFromStart(sql: Sql, queue: string) {
  return sql`
    select id, priority, seq, octet_length(job::text) as bytes
    from jobs
    where queue = ${queue}
      and state = 'ready'
      and not exists (select from paused_queues where paused_queues.queue = ${queue})
    order by priority, seq
    limit (select count(*) from free)
    for update skip locked`;
}

/** One range of the index for each priority, in their order; the limit ends the loop as soon as it is met. */
function pickFromMarks(sql: Sql, queue: string, marks: Mark[]) {
  return sql`
    select job.id, job.priority, job.seq, job.bytes
    from unnest(
      ${marks.map(({ priority }) => priority)}::smallint[],
      ${marks.map(({ seq }) => seq)}::text[]::bigint[]
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
      limit (select count(*) from free)
      for update skip locked
    ) as job
    limit (select count(*) from free)`;
}
