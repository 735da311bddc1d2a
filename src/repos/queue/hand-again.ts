import type { Fragment, Sql } from '../../database/database.js';
import { constant, NOTHING } from '../../database/driver/constant.js';
import type { Slot } from './claim.js';

interface Parts {
  /** `again`: the jobs that keys hold; `free`: the slots of the other polls. */
  ctes: Fragment;
  /** How many slots are free. */
  free: Fragment;
  /** Which slot gets the job at `place`. */
  slotAt: Fragment;
  /** What a claimed job keeps of its slot `n`. */
  columns: Fragment;
  /** How many jobs are handed out again. */
  againCount: Fragment;
  /** The polls whose keys hold jobs that another transaction has locked, separated by spaces; null where there are none. */
  blocked: Fragment;
  /** Beside the rows of the claimed jobs. */
  againRows: Fragment;
}

interface Options {
  sql: Sql;
  queue: string;
  slots: Slot[];
  /** Condition on the jobs that can be handed out again. */
  spared: Fragment;
  /** Names this delivery. */
  delivery: string;
  /** What a claim's rows say of a job. */
  job: Fragment;
}

/**
 * The parts of a claim by which a poll whose idempotency key holds running jobs gets those again: the same leases, in one
 * delivery more. A poll cannot know which of its client's requests was the last, so no delivery ends another. Two
 * replicas that are asked at once meet in the unique index, and the later one runs again and finds what the earlier
 * one claimed.
 *
 * generate_series where unnest would be shorter: the planner takes it for a thousand rows and joins by hash;
 * from unnest it expects ten, and compares each with each.
 */
export function handAgain({ sql, queue, slots, spared, delivery, job }: Options): Parts {
  const keys = slots.map(({ idempotency_key }) => idempotency_key ?? '');
  if (keys.every((key) => key === '')) return withoutKeys(sql, slots.length);
  return {
    ctes: sql`
      slot as materialized (
        select
          n,
          (${slots.map(({ poll }) => poll)}::integer[])[n] as poll,
          (${slots.map(({ slot }) => slot)}::integer[])[n] as slot,
          (${slots.map(({ worker_id }) => worker_id)}::text[])[n] as worker_id,
          nullif((${keys}::text[])[n], '') as idempotency_key
        from generate_series(1, ${slots.length}::integer) as n
      ),
      again as materialized (
        select slot.poll, slot.n, jobs.id
        from slot
        join jobs on jobs.queue = ${queue}
          and jobs.worker_id = slot.worker_id
          and jobs.idempotency_key = slot.idempotency_key
          and jobs.slot = slot.slot
        -- Means state = 'running'. Written so because the planner would otherwise read jobs_running beside jobs_idempotency_key.
        where jobs.lease_expires_at is not null
          and ${spared}
      ),
      free as materialized (
        select n
        from slot
        where not exists (select from again where again.poll = slot.poll)
      ),
      locked as materialized (
        select jobs.id
        from jobs
        where jobs.id = any(array(select id from again))
          and jobs.lease_expires_at is not null
          and exists (
            select
            from slot
            where slot.worker_id = jobs.worker_id
              and slot.idempotency_key = jobs.idempotency_key
          )
        for update skip locked
      ),
      -- A poll gets all that its key holds, or nothing yet; what it does not get is not to count as delivered.
      blocked as materialized (
        select distinct poll
        from again
        where not exists (select from locked where locked.id = again.id)
      ),
      redelivered as (
        update jobs
        set delivery = jobs.delivery # ${delivery}::text::bigint
        from again
        where jobs.id = any(array(select id from locked))
          and jobs.id = again.id
          and not exists (select from blocked where blocked.poll = again.poll)
        returning again.n, true as again, ${job}
      ),`,
    free: sql`(select count(*) from free)`,
    slotAt: sql`(array(select n from free order by n))[place]`,
    columns: sql`
      idempotency_key = nullif((${keys}::text[])[n], ''),
      slot = (${slots.map(({ slot }) => slot)}::integer[])[n],`,
    againCount: sql`(select count(*) from redelivered)::integer`,
    blocked: sql`(select string_agg(poll::text, ' ') from blocked)`,
    againRows: sql`union all table redelivered`,
  };
}

const PLACE = constant((sql) => sql`place`);
const ZERO = constant((sql) => sql`0`);
const NULL = constant((sql) => sql`null`);

/** No poll has a key: every slot is free. */
function withoutKeys(sql: Sql, slots: number): Parts {
  return {
    ctes: NOTHING(sql),
    free: sql`${slots}::integer`,
    slotAt: PLACE(sql),
    columns: NOTHING(sql),
    againCount: ZERO(sql),
    blocked: NULL(sql),
    againRows: NOTHING(sql),
  };
}
