import type { Database } from '../../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../../database/lock-timeout.js';
import type { JobState } from './job-row.js';
import { DEAD_COLUMNS, MOVE_BACK } from './move-back.js';
import type { ReadyJob } from './queue-position.js';

/*
 * Statements for jobs that somebody chose by their ids. Each locks the rows in the order of the ids, and skips those that
 * another transaction has locked, so that it never waits while it holds others.
 */

/** A job for which something was done, and where it stands now. */
export interface ChosenJob extends ReadyJob {
  id: string;
  outcome: 'retried' | 'unique_key_used' | 'ready' | 'removed' | 'cancel_requested';
}

export type ChangeJobs = (db: Database, ids: string[], lockTimeout: LockTimeout) => Promise<ChosenJob[]>;

/** Makes dead jobs ready again. Its insert may wait for a push with the same unique key, for the lock timeout at most. */
export const retryJobs: ChangeJobs = (db, ids, lockTimeout) =>
  db.run(
    (sql) => sql<ChosenJob[]>`
      with dead as materialized (
        select ${DEAD_COLUMNS(sql)}
        from dead_jobs
        where id = any(${ids}::uuid[])
          and ${withinLockTimeout(sql, lockTimeout)}
        order by id
        for update skip locked
      ),
      ${MOVE_BACK(sql)}
      select
        dead.id::text as id, dead.queue, dead.priority, back.seq::text as seq,
        case when back.id is null then 'unique_key_used' else 'retried' end as outcome
      from dead
      left join back using (id)`,
    { idempotent: false },
  );

/** Makes scheduled jobs ready before their time. */
export const runJobsNow: ChangeJobs = (db, ids) =>
  db.run(
    (sql) => sql<ChosenJob[]>`
      with waiting as materialized (
        select id
        from jobs
        where id = any(${ids}::uuid[])
          -- Means state = 'scheduled'. Written so because the planner could otherwise prefer an index of scheduled jobs.
          and run_at is not null
        order by id
        for update skip locked
      )
      update jobs
      set state = 'ready', ready_since = clock_timestamp(), run_at = null
      where id = any(array(select id from waiting))
      returning id::text as id, queue, priority, seq::text as seq, 'ready' as outcome`,
    { idempotent: false },
  );

/** Deletes jobs that wait or are dead, and requests the cancel of those that run, as a cancel of one does (cancel-job.ts). */
export const removeJobs: ChangeJobs = (db, ids) =>
  db.run(
    (sql) => sql<ChosenJob[]>`
      with target as materialized (
        select id, state
        from jobs
        where id = any(${ids}::uuid[])
        order by id
        for update skip locked
      ),
      dead as materialized (
        select id
        from dead_jobs
        where id = any(${ids}::uuid[])
        order by id
        for update skip locked
      ),
      deleted as (
        delete from jobs
        where id = any(array(select id from target where state <> 'running'))
        returning id, queue, priority, seq
      ),
      deleted_dead as (
        delete from dead_jobs
        where id = any(array(select id from dead))
        returning id, queue, priority, seq
      ),
      requested as (
        update jobs
        set cancel_requested = true, unique_key = null
        where id = any(array(select id from target where state = 'running'))
        returning id, queue, priority, seq
      )
      select id::text as id, queue, priority, seq::text as seq, outcome
      from (
        select *, 'removed' as outcome from deleted
        union all
        select *, 'removed' from deleted_dead
        union all
        select *, 'cancel_requested' from requested
      ) as changed`,
    { idempotent: false },
  );

/** The state of each of the jobs that exist. */
export async function findStates(db: Database, ids: string[]): Promise<Map<string, JobState>> {
  const rows = await db.run(
    (sql) => sql<{ id: string; state: JobState }[]>`
      select id::text as id, state
      from jobs
      where id = any(${ids}::uuid[])
      union all
      select id::text, 'dead'
      from dead_jobs
      where id = any(${ids}::uuid[])`,
  );
  return new Map(rows.map(({ id, state }) => [id, state]));
}
