import { utcOfJson } from '../../time-text.js';
import type { ClaimedJob, Slot } from '../sql/claim.js';
import type { InsertedRow } from '../sql/insert-jobs.js';
import type { JobToInsert } from '../sql/job-to-insert.js';
import { randomToken } from '../sql/lease.js';
import type { Reservation } from './slots.js';

/**
 * Decides which jobs of an insert go directly to waiting polls. Such a job is inserted as running, with the lease of its
 * poll. That saves the claim, and nobody has to be woken (docs/queue.md#direct-delivery).
 *
 * The order is that of claims: polls in the order of their arrival, jobs by priority and arrival. A poll gets a job
 * directly only after a claim has found nothing for it. So a job overtakes only jobs that no claim of this process has
 * seen.
 *
 * Jobs with a unique key are not delivered directly: their insert may wait for another transaction, and the polls with
 * it.
 */
export class DirectDelivery {
  readonly slots = new Map<JobToInsert, Slot>();
  /** Written into the rows, so that a statement that is run again after a lost answer recognises its own rows. */
  readonly delivery = randomToken();
  readonly token: string | null;
  readonly #jobsById = new Map<string, JobToInsert>();
  readonly #delivered = new Map<Slot, ClaimedJob>();
  readonly #undelivered = new Set<JobToInsert>();
  readonly #reservations: Reservation[] = [];
  readonly #leaseSeconds: number;

  /**
   * @param jobs no two with the same id
   * @param reserve reserves slots for at most so many jobs
   * @param token of the leases
   * @param leaseSeconds their default length
   */
  constructor(
    jobs: JobToInsert[],
    reserve: (queue: string, most: number) => Reservation | undefined,
    token: string | null,
    leaseSeconds: number,
  ) {
    this.token = token;
    this.#leaseSeconds = leaseSeconds;
    if (jobs.some(({ unique_key }) => unique_key !== undefined)) return;
    for (const [queue, candidates] of groupReady(jobs)) {
      const reservation = reserve(queue, candidates.length);
      if (!reservation) continue;
      this.#reservations.push(reservation);
      candidates.sort((one, other) => (one.priority ?? 0) - (other.priority ?? 0));
      for (const [at, slot] of reservation.slots.entries()) {
        const job = candidates[at];
        if (job) this.slots.set(job, slot);
      }
    }
    for (const job of this.slots.keys()) this.#jobsById.set(job.id, job);
  }

  /** Notes a job that was inserted. */
  inserted({ id, queued_at, max_attempts, lease_expires_at }: InsertedRow): void {
    const job = this.#jobsById.get(id);
    const slot = job && this.slots.get(job);
    if (!slot || !queued_at || !max_attempts || !lease_expires_at) return;
    this.#delivered.set(slot, {
      id,
      claims: 1,
      token: this.token,
      delivery: this.delivery,
      job: job.job,
      attempts: 0,
      max_attempts,
      queued_at: utcOfJson(queued_at),
      lease_expires_at: utcOfJson(lease_expires_at),
      lease_seconds: slot.lease_seconds ?? job.lease_seconds ?? this.#leaseSeconds,
      max_run_seconds: job.max_run_seconds ?? null,
    });
  }

  /** Notes a job that was not inserted because it exists, and the delivery that is in its row. */
  existed(job: JobToInsert, delivery: string | null): void {
    if (this.slots.has(job) && delivery === this.delivery) this.#undelivered.add(job);
  }

  /** A poll gets the job. */
  isDelivered(job: JobToInsert): boolean {
    const slot = this.slots.get(job);
    return slot !== undefined && this.#delivered.has(slot);
  }

  /**
   * The job runs for a poll that does not get it, because the answer of its insert was lost. A poll with an idempotency
   * key gets such a job by its key, so its jobs never count as undelivered.
   */
  isUndelivered(job: JobToInsert): boolean {
    return this.#undelivered.has(job);
  }

  /** Answers the polls. To be called after the insert, also where that failed. */
  end(): void {
    for (const { slots, settle } of this.#reservations)
      settle(slots.map((slot) => this.#delivered.get(slot)));
  }
}

/** The jobs that are ready at once, by queue. */
function groupReady(jobs: JobToInsert[]): Map<string, JobToInsert[]> {
  const queues = new Map<string, JobToInsert[]>();
  for (const job of jobs) {
    if ((job.delay_seconds ?? 0) > 0 || job.run_at !== undefined) continue;
    const candidates = queues.get(job.queue);
    if (candidates) candidates.push(job);
    else queues.set(job.queue, [job]);
  }
  return queues;
}
