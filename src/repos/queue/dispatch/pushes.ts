import { Coalescer } from '../../../database/coalescer.js';
import type { Database } from '../../../database/database.js';
import { isLockTimeout } from '../../../database/errors.js';
import type { LockTimeout } from '../../../database/lock-timeout.js';
import { unavailable } from '../../../problems.js';
import { currentRequesters, runFor } from '../../../requester.js';
import { uuidv7 } from '../../../uuid.js';
import { findExistingJobs } from '../sql/find-existing-jobs.js';
import { ALL, type Defaults, type InsertOptions, insertJobs } from '../sql/insert-jobs.js';
import type { JobToInsert, NewJob } from '../sql/job-to-insert.js';
import { type Delivery, randomToken } from '../sql/lease.js';
import { NO_SLOTS } from '../sql/slot-columns.js';
import { DirectDelivery } from './direct-delivery.js';
import type { Reservation } from './slots.js';
import { idUsed, isDifferent, refuseClashingIds } from './used-ids.js';

export interface Pushed {
  id: string;
  /** A job with this id or this unique key existed already. */
  duplicate: boolean;
}

/** The result of the push of one job. */
export interface Placed extends Pushed {
  /** A waiting poll got it. */
  isDelivered: boolean;
  /** Set if the job runs for a poll that did not get it. It must be given back. */
  undelivered: Pick<Delivery, 'token' | 'delivery'> | undefined;
  /** Its id belongs to a different job, so nothing was pushed. */
  isIdUsed: boolean;
}

interface Options {
  db: Database;
  defaults: Defaults;
  /** Reserves slots of polls that wait at the queue. */
  reserve: (queue: string, most: number) => Reservation | undefined;
  /** Makes the token of the leases of one direct delivery. */
  nextToken?: () => string | null;
  /** Called after each insert. */
  onPlaced: (jobs: JobToInsert[], placed: Placed[]) => void;
}

/**
 * Pushes that arrive while an insert is in flight share the next one (docs/queue.md#life-of-a-push). The ids are made
 * before the insert, so that an insert whose answer was lost can be run again without pushing the jobs twice.
 *
 * A push with a unique key, or with an id of the client, may wait for another transaction that inserts the same. It never
 * shares a statement with pushes that have neither. A push of several jobs with ids of the client has a statement of its
 * own, which inserts nothing where one of the ids is used.
 */
export function createPushes({ db, defaults, reserve, nextToken = randomToken, onPlaced }: Options) {
  const run = async (groups: JobToInsert[][], options: InsertOptions): Promise<Placed[][]> => {
    const jobs = groups.flat();
    const firsts = firstOfEachId(jobs);
    const slots = options.isWhole ? () => undefined : reserve;
    const direct = new DirectDelivery(firsts, slots, nextToken(), defaults.leaseSeconds);
    const placed = await place(db, jobs, firsts, defaults, direct, options).finally(() => direct.end());
    onPlaced(jobs, placed);
    let end = 0;
    return groups.map(({ length }) => {
      end += length;
      return placed.slice(end - length, end);
    });
  };
  const sizeOf = (jobs: JobToInsert[]): number =>
    jobs.reduce((sum, { job }) => sum + job.length + OVERHEAD_BYTES, 0);
  const runSome = (groups: JobToInsert[][], lockTimeout: LockTimeout): Promise<Placed[][]> =>
    run(groups, { lockTimeout, isWhole: false });
  const unkeyed = new Coalescer<JobToInsert[], Placed[]>({ run: runSome, sizeOf });
  const keyed = new Coalescer<JobToInsert[], Placed[]>({ run: runSome, sizeOf, lockOf });
  // A push of several jobs has a statement of its own. If that waited long for a lock, all later ones would wait too.
  const whole = new Coalescer<JobToInsert[], Placed[]>({
    run: (groups) => run(groups, { lockTimeout: 'short', isWhole: true }),
    sizeOf,
    maxItems: 1,
    maxInFlight: MAX_WHOLE,
  });
  return {
    /**
     * Pushes all or none of the jobs.
     *
     * @throws Problem 409 `job_id_used`
     */
    async push(newJobs: NewJob[]): Promise<Placed[]> {
      const jobs = newJobs.map((job) => ({
        ...job,
        id: job.id ?? uuidv7(),
        isOwnId: job.id === undefined,
      }));
      if (jobs.every(isUnkeyed)) return unkeyed.call(jobs);
      refuseClashingIds(jobs);
      const isAllOrNone = jobs.length > 1 && jobs.some(({ isOwnId }) => !isOwnId);
      const placed = await (isAllOrNone ? whole : keyed).call(jobs);
      const used = placed.find(({ isIdUsed }) => isIdUsed);
      if (used) throw idUsed(used.id);
      return placed;
    },
    idle: () => Promise.all([unkeyed.idle(), keyed.idle(), whole.idle()]),
    observe(onBatch: (groups: JobToInsert[][], placed: Placed[][]) => void): void {
      unkeyed.observe(onBatch);
      keyed.observe(onBatch);
      whole.observe(onBatch);
    },
  };
}

/** How many pushes of several jobs with ids may be in flight, if one takes long. */
const MAX_WHOLE = 4;
/** Added to the size of each job, so that a statement has no more than about a thousand jobs. */
const OVERHEAD_BYTES = 8 * 1024;

/** No other transaction can be inserting its id or unique key. */
function isUnkeyed({ isOwnId, unique_key }: JobToInsert): boolean {
  return isOwnId && unique_key === undefined;
}

/** What the push of one job may wait for: its unique key, or its id. For several jobs this is not known. */
function lockOf([job, ...others]: JobToInsert[]): string | undefined {
  if (!job || others.length > 0) return undefined;
  return job.unique_key === undefined ? job.id : `${job.queue}\n${job.unique_key}`;
}

/**
 * Inserts the jobs, and finds those that exist.
 *
 * @param firsts the jobs to insert: of jobs with the same id, only the first
 */
async function place(
  db: Database,
  jobs: JobToInsert[],
  firsts: JobToInsert[],
  defaults: Defaults,
  direct: DirectDelivery,
  options: InsertOptions,
): Promise<Placed[]> {
  const requesters = currentRequesters();
  let missing = firsts;
  const created = new Set<string>();
  const existing = new Map<JobToInsert, { id: string; isUsed: boolean }>();
  for (let runs = 1; missing.length > 0; runs++) {
    if (runs > MAX_RUNS) throw unavailable('contended', 'Other requests kept pushing the same jobs.');
    // If the idempotency key of a slot has a job at another replica, the insert fails. The jobs are then inserted as ready.
    const delivery = runs === 1 ? direct : NO_SLOTS;
    const rows = await runFor(requesters, () => insertJobs(db, missing, defaults, delivery, options)).catch(
      (error: unknown) => {
        // The other job may be uncommitted, and a push must not wait for that transaction.
        if (delivery.slots.size > 0 && isLockTimeout(error)) return undefined;
        throw error;
      },
    );
    if (!rows) continue;
    if (rows === ALL && missing === jobs) return jobs.map(({ id }) => ({ id, ...CREATED }));
    for (const row of rows === ALL ? missing.map(({ id }) => ({ id })) : rows) {
      created.add(row.id);
      direct.inserted(row);
    }
    missing = missing.filter(({ id }) => !created.has(id));
    if (missing.length === 0) break;
    const found = await runFor(requesters, () => findExistingJobs(db, missing));
    for (const [at, job] of missing.entries()) {
      const { id = null, delivery: given = null, isDifferent: isUsed = false } = found[at] ?? {};
      if (isUsed && options.isWhole) throw idUsed(job.id);
      if (id !== null) existing.set(job, { id, isUsed });
      direct.existed(job, given);
    }
    // What is left was neither inserted nor found: another transaction's job was in the way, and is gone now.
    missing = missing.filter((job) => !existing.has(job));
  }
  const byId = new Map(firsts.map((job) => [job.id, job]));
  return jobs.map((job) => {
    const first = byId.get(job.id) ?? job;
    const other = existing.get(first) ?? { id: first.id, isUsed: false };
    // An id that was made here exists only because an earlier run of the insert has succeeded.
    const isNew = job === first && (created.has(job.id) || (job.isOwnId && other.id === job.id));
    return {
      id: other.id,
      duplicate: !isNew,
      isDelivered: direct.isDelivered(job),
      undelivered: direct.isUndelivered(job) ? { token: direct.token, delivery: direct.delivery } : undefined,
      isIdUsed: other.isUsed || isDifferent(job, first),
    };
  });
}

/** The jobs that run for polls which did not get them. */
export function undelivered(placed: Placed[]): Delivery[] {
  return placed.flatMap((job) => (job.undelivered ? [{ id: job.id, claims: 1, ...job.undelivered }] : []));
}

const MAX_RUNS = 5;
const CREATED = { duplicate: false, isDelivered: false, undelivered: undefined, isIdUsed: false };

/** Of jobs with the same id only the first; the same array if all ids were made here. */
function firstOfEachId(jobs: JobToInsert[]): JobToInsert[] {
  if (jobs.every(({ isOwnId }) => isOwnId)) return jobs;
  const firsts = new Map<string, JobToInsert>();
  for (const job of jobs) if (!firsts.has(job.id)) firsts.set(job.id, job);
  return [...firsts.values()];
}
