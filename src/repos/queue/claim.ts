import { atOnce } from '../../database/at-once.js';
import { column } from '../../database/column.js';
import { constant } from '../../database/constant.js';
import type { Database } from '../../database/database.js';
import { utcText } from '../keyset.js';
import { completeInClaim } from './complete.js';
import { handAgain } from './hand-again.js';
import { type Delivery, formatLease, type Lease, randomToken } from './lease.js';
import type { Mark } from './low-marks.js';
import { pickReady } from './pick.js';

/** One job that a poll asks for. */
export interface Slot {
  /** Which poll, and which of its jobs, from 1. */
  poll: number;
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
}

interface ClaimedRow extends Omit<ClaimedJob, 'delivery'>, Mark {
  /** Whose slot it is for, from 1. */
  n: number;
  /** Handed out before, to the same worker and idempotency key. */
  again: boolean;
}

/** What every claim of a process shares. */
export interface ClaimSettings {
  leaseSeconds: number;
  /** The token of the next claim's leases; null while replicas run that take none. */
  nextToken?: () => string | null;
}

/** There is always one, with nulls where nothing was handed out. */
type Row = (ClaimedRow | { [Column in keyof ClaimedRow]: null }) & {
  /** Ready jobs that were found; more than were handed out means that they were too heavy together. */
  found: number;
  /** The leases that were held, separated by spaces; null where all were. */
  held: string | null;
  /** Polls whose keys hold jobs that another transaction has locked, separated by spaces; null where there are none. */
  blocked: string | null;
};

export interface Claim {
  jobs: (ClaimedRow & ClaimedJob)[];
  /** Ready jobs were left although slots were free. */
  truncated: boolean;
  /** For each of the leases that were to be completed, whether it is. */
  held: boolean[];
  /** Polls that did not get all of what their keys hold, because another transaction has locked it. */
  blocked: number[];
}

/** What the jobs of one statement may weigh together. */
const HEAVIEST = 8 * 1024 * 1024;

/**
 * Hands out the ready jobs of a queue to the slots of parked polls, in the order of both; one statement for
 * all polls that wait. What none of them needs is left out: the parts of a statement cost time even where
 * they find nothing.
 *
 * - `skip locked`: replicas never wait for each other, nor for a job that somebody holds by hand.
 * - The rows are picked by an array of ids: joined to the CTE alone, a generic plan may scan the table.
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
  { leaseSeconds, nextToken = randomToken }: ClaimSettings,
): Promise<Claim> {
  const delivery = randomToken();
  const token = nextToken();
  const rows = await db.run(
    (sql) => {
      const completing = completeInClaim(sql, done);
      const keys = handAgain({ sql, queue, slots, spared: completing.spared, delivery, job: JOB(sql) });
      return sql<Row[]>`
        with ${atOnce(sql)},
        ${completing.ctes}
        ${keys.ctes}
        dealt as materialized (
          select id, ${keys.slotAt}::integer as n, place = 1 or weight <= ${HEAVIEST} as fits
          from (
            select
              id,
              row_number() over in_order as place,
              sum(bytes) over in_order as weight
            from (${pickReady(sql, queue, marks, keys.free)}) as picked
            where ${completing.isOver}
            window in_order as (order by priority, seq rows unbounded preceding)
          ) as numbered
        ),
        claimed as (
          update jobs
          set
            state = 'running',
            claims = least(jobs.claims + 1, 999999999),
            lease_token = ${token}::text::bigint,
            delivery = ${delivery}::text::bigint,
            worker_id = (${slots.map(({ worker_id }) => worker_id)}::text[])[n],
            ${keys.columns}
            lease_expires_at = clock_timestamp() + make_interval(secs => coalesce(
              nullif((${column(slots, ({ lease_seconds }) => lease_seconds, 0)}::integer[])[n], 0),
              jobs.lease_seconds,
              ${leaseSeconds}
            ))
          from dealt
          where jobs.id = any(array(select id from dealt where fits))
            and jobs.id = dealt.id
          returning n, false as again, ${JOB(sql)}
        ),
        summary as (
          select
            (select count(*) from dealt)::integer + ${keys.againCount} as found,
            ${keys.blocked} as blocked,
            ${completing.held} as held
        )
        select handed.*, summary.*
        from summary
        left join (table claimed ${keys.againRows}) as handed on true`;
    },
    { rivals: ['jobs_idempotency_key'], repeatable: false },
  );
  const [summary] = rows;
  const jobs = rows
    .filter((row): row is ClaimedRow & Row => row.id !== null)
    .map((row) => ({ ...row, delivery }));
  // The order of the slots is that of the jobs, which low-marks.ts relies on.
  jobs.sort((one, other) => one.n - other.n);
  const held = summary?.held === null ? undefined : new Set(summary?.held.split(' '));
  return {
    jobs,
    truncated: (summary?.found ?? 0) > jobs.length,
    held: done.map((lease) => !held || held.has(formatLease(lease))),
    blocked: summary?.blocked?.split(' ').map(Number) ?? [],
  };
}

/** The slots that looked at the queue: not those of polls whose keys hold jobs. */
export function lookingSlots(slots: Slot[], { jobs, blocked }: Pick<Claim, 'jobs' | 'blocked'>): Slot[] {
  const holding = new Set<number | undefined>(blocked);
  for (const { again, n } of jobs) if (again) holding.add(slots[n - 1]?.poll);
  return holding.size === 0 ? slots : slots.filter(({ poll }) => !holding.has(poll));
}

/** What a claim's rows say of a job. */
const JOB = constant(
  (sql) => sql`
    jobs.id::text as id, jobs.claims, jobs.lease_token::text as token, jobs.job::text as job, jobs.attempts,
    jobs.max_attempts, ${utcText(sql, 'jobs.queued_at')}, ${utcText(sql, 'jobs.lease_expires_at')}, jobs.priority,
    jobs.seq::text as seq`,
);
