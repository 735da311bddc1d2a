import type { Database, Sql } from '../../database/database.js';
import { utcText } from '../keyset.js';
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
  held: boolean;
  /** Ready jobs that were found; more than were handed out means that they were too heavy together. */
  found: number;
}

export interface Claim {
  jobs: ClaimedRow[];
  /** Ready jobs were left although slots were free. */
  truncated: boolean;
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
 * - FOR UPDATE and row_number() do not go together, so the picked rows are numbered outside.
 *
 * @param marks where to begin; undefined looks at the whole queue
 */
export async function claimJobs(
  db: Database,
  queue: string,
  slots: Slot[],
  marks: Mark[] | undefined,
  defaults: { leaseSeconds: number },
): Promise<Claim> {
  const column = <T>(value: (slot: Slot) => T): T[] => slots.map(value);
  const jobs = await db.run(
    (sql) => sql<ClaimedRow[]>`
      with slot as materialized (
        select n, poll, slot, worker_id, idempotency_key, lease_seconds
        from unnest(
          ${column(({ poll }) => poll)}::integer[],
          ${column(({ slot }) => slot)}::integer[],
          ${column(({ worker_id }) => worker_id)}::text[],
          ${column(({ idempotency_key }) => idempotency_key ?? null)}::text[],
          ${column(({ lease_seconds }) => lease_seconds ?? null)}::integer[]
        ) with ordinality as slot (poll, slot, worker_id, idempotency_key, lease_seconds, n)
      ),
      held as materialized (
        select slot.poll, slot.n, jobs.id
        from slot
        join jobs on jobs.queue = ${queue}
          and jobs.worker_id = slot.worker_id
          and jobs.idempotency_key = slot.idempotency_key
          and jobs.slot = slot.slot
        where jobs.state = 'running'
      ),
      free as materialized (
        select row_number() over (order by n) as place, n, poll, slot, worker_id, idempotency_key, lease_seconds
        from slot
        where not exists (select from held where held.poll = slot.poll)
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
      claimed as (
        update jobs
        set
          state = 'running',
          claims = jobs.claims + 1,
          worker_id = free.worker_id,
          idempotency_key = free.idempotency_key,
          slot = free.slot,
          lease_expires_at = clock_timestamp()
            + make_interval(secs => coalesce(free.lease_seconds, jobs.lease_seconds, ${defaults.leaseSeconds}))
        from numbered
        join free on free.place = numbered.place
        where jobs.id = any(array(select id from picked))
          and jobs.id = numbered.id
          and (numbered.place = 1 or numbered.weight <= ${HEAVIEST})
        returning free.poll, free.n, jobs.id, jobs.claims, jobs.job, jobs.attempts, jobs.max_attempts,
          jobs.queued_at, jobs.lease_expires_at, jobs.priority, jobs.seq
      ),
      handed as (
        select
          false as held,
          poll, n, id, claims, job, attempts, max_attempts, queued_at, lease_expires_at, priority, seq
        from claimed
        union all
        select
          true as held,
          held.poll, held.n, id, claims, job, attempts, max_attempts, queued_at, lease_expires_at, priority, seq
        from held
        join jobs using (id)
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
        held,
        (select count(*) from picked)::integer + (select count(*) from held)::integer as found
      from handed
      order by n`,
    { rivals: ['jobs_idempotency_key'], repeatable: false },
  );
  return { jobs, truncated: (jobs[0]?.found ?? 0) > jobs.length };
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
