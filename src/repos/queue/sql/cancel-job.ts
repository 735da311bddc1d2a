import type { Database } from '../../../database/database.js';

interface Cancelled {
  state: 'gone' | 'requested';
  /** The queue of the job that was deleted. */
  queue: string | null;
}

/**
 * Deletes a job that waits or is dead. The worker of a running job learns of the cancel from its next heartbeat. The job
 * loses its unique key at once, so that the next push with that key is not taken for a duplicate.
 */
export async function cancelJob(db: Database, id: string): Promise<Cancelled> {
  const [row] = await db.run(
    (sql) => sql<{ requested: boolean; moved: boolean; queue: string | null }[]>`
      with target as materialized (
        select id, state
        from jobs
        where id = ${id}::text::uuid
        for update
      ),
      deleted as (
        delete from jobs
        where id = any(array(select id from target where state <> 'running'))
        returning queue
      ),
      deleted_dead as (
        delete from dead_jobs
        where id = ${id}::text::uuid
        returning queue
      ),
      requested as (
        update jobs
        set cancel_requested = true, unique_key = null
        where id = any(array(select id from target where state = 'running'))
      )
      select
        exists (select from target where state = 'running') as requested,
        (select queue from (table deleted union all table deleted_dead) as one limit 1) as queue,
        exists (select from jobs where id = ${id}::text::uuid) and not exists (select from target) as moved`,
    // A job that died while this ran is only seen in dead_jobs by the next run.
    { retryIf: ([found]) => found?.moved ?? false },
  );
  return { state: row?.requested ? 'requested' : 'gone', queue: row?.queue ?? null };
}
