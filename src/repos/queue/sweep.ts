import type { Database } from '../../database/database.js';
import { countFailures } from './failing.js';

/** Any number: the replica that holds this advisory lock sweeps, the others have nothing to do. */
const LOCK = 7_311_908_225;
const MOST = 1000;

/** What a pass did; as many as MOST means that there may be more. */
interface Swept {
  /** The queues with newly ready jobs. */
  queues: string[];
  full: boolean;
}

/** Scheduled jobs whose time has come are ready. */
export async function sweepDue(db: Database): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql<{ queue: string }[]>`
      with leader as materialized (
        select pg_try_advisory_xact_lock(${LOCK}) as won
      ),
      due as materialized (
        select id
        from jobs
        where state = 'scheduled'
          and run_at <= clock_timestamp()
          and (select won from leader)
        order by run_at
        limit ${MOST}
        for update skip locked
      )
      update jobs
      set state = 'ready', run_at = null
      where id = any(array(select id from due))
      returning queue`,
  );
  return { queues: rows.map(({ queue }) => queue), full: rows.length >= MOST };
}

/**
 * A lease that ran out is a failed run: a job that kills its workers must not loop for ever. The rows are
 * locked in the subselect, with their lease checked under the lock: a lease extended just now is safe.
 */
export async function sweepExpired(db: Database, backoffMaxSeconds: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql<{ queue: string; state: string }[]>`
      with leader as materialized (
        select pg_try_advisory_xact_lock(${LOCK}) as won
      ),
      failed as materialized (
        select id, 'The lease ran out.' as error, 'backoff' as next
        from jobs
        where state = 'running'
          and lease_expires_at <= clock_timestamp()
          and (select won from leader)
        order by id
        limit ${MOST}
        for update skip locked
      ),
      ${countFailures(sql, backoffMaxSeconds)}
      select queue, state
      from retried`,
  );
  return { queues: [], full: rows.length >= MOST };
}
