import { column } from '../../../database/column.js';
import type { Fragment, Sql } from '../../../database/database.js';
import { constant, NOTHING } from '../../../database/driver/constant.js';
import { jsonTime } from '../../time-text.js';
import type { Slot } from './claim.js';
import type { JobToInsert } from './job-to-insert.js';

/** The slots of waiting polls that get jobs directly (docs/queue.md#direct-delivery), and their lease. */
export interface SlotsOfJobs {
  slots: ReadonlyMap<JobToInsert, Slot>;
  token: string | null;
  delivery: string;
}

export const NO_SLOTS: SlotsOfJobs = { slots: new Map(), token: null, delivery: '0' };

/** Follows other columns. Pushes without a longest run leave it out. */
export const MAX_RUN = constant((sql) => sql`, max_run_seconds`);

/** The parts of the insert (insert-jobs.ts) by which jobs go to slots. */
interface SlotColumns {
  /** More columns of `requested`. */
  requested: Fragment;
  /** Whether a row of `requested` goes to a slot. */
  isDelivered: Fragment;
  names: Fragment;
  values: Fragment;
  returning: Fragment;
  /** The names of the columns in `returning`. */
  returned: Fragment;
}

const NEVER = constant((sql) => sql`false`);
const IS_DELIVERED = constant((sql) => sql`worker_id is not null`);
const NAMES = constant(
  (sql) =>
    sql`
    , claims, worker_id, lease_token, delivery, claimed_at, run_lease_seconds, idempotency_key, slot, lease_expires_at`,
);
const LIMITED_NAMES = constant((sql) => sql`${NAMES(sql)}, run_ends_at`);
const RUN_ENDS_AT = constant(
  (sql) =>
    sql`, case when worker_id is not null then claimed_at + make_interval(secs => max_run_seconds) end`,
);
const RETURNING = constant(
  (sql) => sql`
    , ${jsonTime(sql, sql`queued_at`)} as queued_at, max_attempts,
    ${jsonTime(sql, sql`lease_expires_at`)} as lease_expires_at`,
);
const RETURNED = constant((sql) => sql`, queued_at, max_attempts, lease_expires_at`);

/** All parts are empty if there are no slots. */
export function slotColumns(
  sql: Sql,
  jobs: JobToInsert[],
  { slots, token, delivery }: SlotsOfJobs,
  { leaseSeconds, isLimited }: { leaseSeconds: number; isLimited: boolean },
): SlotColumns {
  if (slots.size === 0) {
    const none = NOTHING(sql);
    return {
      requested: none,
      isDelivered: NEVER(sql),
      names: none,
      values: none,
      returning: none,
      returned: none,
    };
  }
  const ofSlots = <T extends string | number>(read: (slot: Slot) => T | undefined, none: T): T[] =>
    column(
      jobs,
      (job) => {
        const slot = slots.get(job);
        return slot && read(slot);
      },
      none,
    );
  return {
    requested: sql`,
      case
        when not exists (select from paused_queues where paused_queues.queue = job.queue)
        then nullif((${ofSlots(({ worker_id }) => worker_id, '')}::text[])[n], '')
      end as worker_id,
      nullif((${ofSlots(({ lease_seconds }) => lease_seconds, 0)}::integer[])[n], 0) as run_lease_seconds,
      clock_timestamp() as claimed_at`,
    isDelivered: IS_DELIVERED(sql),
    names: isLimited ? LIMITED_NAMES(sql) : NAMES(sql),
    values: sql`,
      case when worker_id is null then 0 else 1 end,
      worker_id,
      case when worker_id is not null then ${token}::text::bigint end,
      case when worker_id is not null then ${delivery}::text::bigint end,
      case when worker_id is not null then claimed_at end,
      case when worker_id is not null then run_lease_seconds end,
      case when worker_id is not null then nullif((${ofSlots(({ idempotency_key }) => idempotency_key, '')}::text[])[n], '') end,
      case when worker_id is not null then nullif((${ofSlots(({ idempotency_key, slot }) => (idempotency_key === undefined ? undefined : slot), 0)}::integer[])[n], 0) end,
      case when worker_id is not null then claimed_at + make_interval(secs => least(
        coalesce(run_lease_seconds, lease_seconds, ${leaseSeconds})
        ${isLimited ? MAX_RUN(sql) : NOTHING(sql)}
      )) end
      ${isLimited ? RUN_ENDS_AT(sql) : NOTHING(sql)}`,
    returning: RETURNING(sql),
    returned: RETURNED(sql),
  };
}
