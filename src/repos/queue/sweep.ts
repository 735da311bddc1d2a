import type { Database } from '../../database/database.js';
import { endRuns, type ReadyAgain } from './end-runs.js';

/** Any numbers: the replica that holds the advisory lock sweeps, the others have nothing to do. */
const DUE_LOCK = 7_311_908_225;
const EXPIRED_LOCK = 7_311_908_226;
const MOST = 1000;

/** What a pass did. */
interface Swept {
  ready: ReadyAgain[];
  /** Leases that had run out. */
  expired?: number;
  /** There may be more to do. */
  full: boolean;
}

/** Scheduled jobs whose time has come are ready. */
export async function sweepDue(db: Database): Promise<Swept> {
  const ready = await db.run(
    (sql) => sql<ReadyAgain[]>`
      with leader as materialized (
        select pg_try_advisory_xact_lock(${DUE_LOCK}) as won
      ),
      due as materialized (
        select id
        from jobs
        where state = 'scheduled'
          -- now(), not clock_timestamp(): that one is volatile, and would be compared with every row.
          and run_at <= now()
          and (select won from leader)
        order by run_at
        limit ${MOST}
        for update skip locked
      )
      update jobs
      set state = 'ready', run_at = null
      where id = any(array(select id from due))
      returning queue, priority, seq::text as seq`,
  );
  return { ready, full: ready.length >= MOST };
}

/**
 * A lease that ran out is a failed run: a job that kills its workers must not loop for ever. The rows are
 * locked in the subselect, with their lease checked under the lock: a lease extended just now is safe. In no order:
 * what is skipped is not waited for.
 */
export async function sweepExpired(db: Database, backoffMaxSeconds: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql<(ReadyAgain & { state: string })[]>`
      with leader as materialized (
        select pg_try_advisory_xact_lock(${EXPIRED_LOCK}) as won
      ),
      ended as materialized (
        select
          id, attempts, max_attempts, claims, cancel_requested, last_error,
          'The lease ran out.' as error, 1 as burnt, true as retry, null::float8 as delay
        from jobs
        where state = 'running'
          and lease_expires_at <= clock_timestamp()
          and (select won from leader)
        limit ${MOST}
        for update skip locked
      ),
      ${endRuns(sql, backoffMaxSeconds)}
      select queue, priority, seq::text as seq, state
      from returned`,
  );
  const ready = rows.filter(({ state }) => state === 'ready');
  return { ready, expired: rows.length, full: rows.length >= MOST };
}

/** Dead jobs are kept for a while, and then go. */
export async function sweepDead(db: Database, retentionDays: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql`
      delete from dead_jobs
      where id = any(array(
        select id
        from dead_jobs
        where died_at < now() - make_interval(hours => ${24 * retentionDays})
        order by seq
        limit ${MOST}
        for update skip locked
      ))
      returning id`,
  );
  return { ready: [], full: rows.length >= MOST };
}
