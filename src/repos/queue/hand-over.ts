import { column } from '../../database/column.js';
import { constant, NOTHING } from '../../database/constant.js';
import type { Fragment, Sql } from '../../database/database.js';
import { utcText } from '../keyset.js';
import type { ClaimedJob, Slot } from './claim.js';
import { randomToken } from './lease.js';
import type { Reservation } from './polls.js';
import type { Item } from './push.js';

/** What an insert returns of a job; the rest only of one that a slot got. */
export interface InsertedRow {
  id: string;
  queued_at?: string;
  max_attempts?: number;
  /** Null where the queue is paused. */
  lease_expires_at?: string | null;
}

/**
 * Which jobs of a statement that pushes go straight to polls which wait for them. Such a job is inserted as
 * running, with the lease of its poll: one commit between push and delivery where a claim would be the second,
 * and nobody is to be woken for it.
 *
 * The rule for who gets what is that of the claims: polls in the order of their arrival, jobs in that of priority
 * and arrival. Only polls are asked that the last claim found nothing for, so that a job overtakes no other but
 * one that no claim here has seen yet.
 *
 * Not where a job has a unique key: such a statement may wait long for a rival, and the polls with it.
 */
export class HandOver {
  readonly slots = new Map<Item, Slot>();
  /** Stands in the rows, by which a statement whose answer was lost knows its own. */
  readonly delivery = randomToken();
  readonly token: string | null;
  readonly #adrift = new Set<Item>();
  readonly #byId = new Map<string, Item>();
  readonly #jobs = new Map<Slot, ClaimedJob>();
  readonly #reservations: Reservation[] = [];

  /**
   * @param items no two with the same id
   * @param token of the leases
   */
  constructor(
    items: Item[],
    reserve: (queue: string, most: number) => Reservation | undefined,
    token: string | null,
  ) {
    this.token = token;
    if (items.some(({ unique_key }) => unique_key !== undefined)) return;
    for (const [queue, candidates] of byQueue(items)) {
      const reservation = reserve(queue, candidates.length);
      if (!reservation) continue;
      this.#reservations.push(reservation);
      candidates.sort((one, other) => (one.priority ?? 0) - (other.priority ?? 0));
      for (const [at, slot] of reservation.slots.entries()) {
        const item = candidates[at];
        if (item) this.slots.set(item, slot);
      }
    }
    for (const item of this.slots.keys()) this.#byId.set(item.id, item);
  }

  /** Takes note of a job that was inserted. */
  inserted({ id, queued_at, max_attempts, lease_expires_at }: InsertedRow): void {
    const item = this.#byId.get(id);
    const slot = item && this.slots.get(item);
    if (!slot || !queued_at || !max_attempts || !lease_expires_at) return;
    this.#jobs.set(slot, {
      id,
      claims: 1,
      token: this.token,
      delivery: this.delivery,
      job: item.job,
      attempts: 0,
      max_attempts,
      queued_at,
      lease_expires_at,
    });
  }

  /** A poll has the job. */
  has(item: Item): boolean {
    const slot = this.slots.get(item);
    return slot !== undefined && this.#jobs.has(slot);
  }

  /** Takes note of a job that was not inserted now, and of the delivery in the row that stands in its place. */
  stands(item: Item, delivery: string | null): void {
    if (this.slots.has(item) && delivery === this.delivery) this.#adrift.add(item);
  }

  /** The job runs for a poll that does not know. With a key, the poll finds it by that. */
  isAdrift(item: Item): boolean {
    return this.#adrift.has(item);
  }

  /** Answers the polls, after the statement, whatever became of it. */
  end(): void {
    for (const { slots, settle } of this.#reservations) settle(slots.map((slot) => this.#jobs.get(slot)));
  }
}

/** The jobs that are ready at once, by queue. */
function byQueue(items: Item[]): Map<string, Item[]> {
  const queues = new Map<string, Item[]>();
  for (const item of items) {
    if ((item.delay_seconds ?? 0) > 0 || item.run_at !== undefined) continue;
    const candidates = queues.get(item.queue);
    if (candidates) candidates.push(item);
    else queues.set(item.queue, [item]);
  }
  return queues;
}

interface SlotColumns {
  /** What `asked` selects more. */
  asked: Fragment;
  /** Whether a row of `asked` has a slot. */
  isTaken: Fragment;
  names: Fragment;
  values: Fragment;
  returning: Fragment;
  /** Names what `returning` gives. */
  returned: Fragment;
}

const NEVER = constant((sql) => sql`false`);
const IS_TAKEN = constant((sql) => sql`worker_id is not null`);
const NAMES = constant(
  (sql) => sql`, claims, worker_id, lease_token, delivery, lease_expires_at, idempotency_key, slot`,
);
const RETURNING = constant(
  (sql) => sql`, ${utcText(sql, 'queued_at')}, max_attempts, ${utcText(sql, 'lease_expires_at')}`,
);
const RETURNED = constant((sql) => sql`, queued_at, max_attempts, lease_expires_at`);

/** The parts of an insert that give jobs to slots. */
export function slotColumns(
  sql: Sql,
  items: Item[],
  { slots, token, delivery }: Pick<HandOver, 'slots' | 'token' | 'delivery'>,
  leaseSeconds: number,
): SlotColumns {
  if (slots.size === 0) {
    const none = NOTHING(sql);
    return { asked: none, isTaken: NEVER(sql), names: none, values: none, returning: none, returned: none };
  }
  const ofSlots = <T extends string | number>(read: (slot: Slot) => T | undefined, none: T): T[] =>
    column(
      items,
      (item) => {
        const slot = slots.get(item);
        return slot && read(slot);
      },
      none,
    );
  return {
    asked: sql`,
      case
        when not exists (select from paused_queues where paused_queues.queue = job.queue)
        then nullif((${ofSlots(({ worker_id }) => worker_id, '')}::text[])[n], '')
      end as worker_id`,
    isTaken: IS_TAKEN(sql),
    names: NAMES(sql),
    values: sql`,
      case when worker_id is null then 0 else 1 end,
      worker_id,
      case when worker_id is not null then ${token}::text::bigint end,
      case when worker_id is not null then ${delivery}::text::bigint end,
      case when worker_id is not null then clock_timestamp() + make_interval(secs => coalesce(
        nullif((${ofSlots(({ lease_seconds }) => lease_seconds, 0)}::integer[])[n], 0),
        lease_seconds,
        ${leaseSeconds}
      )) end,
      case when worker_id is not null then nullif((${ofSlots(({ idempotency_key }) => idempotency_key, '')}::text[])[n], '') end,
      case when worker_id is not null then nullif((${ofSlots(({ idempotency_key, slot }) => (idempotency_key === undefined ? undefined : slot), 0)}::integer[])[n], 0) end`,
    returning: RETURNING(sql),
    returned: RETURNED(sql),
  };
}
