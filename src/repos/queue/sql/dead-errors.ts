import type { Database } from '../../../database/database.js';
import { utcTextOf } from '../../keyset.js';

/** An error of dead jobs, with the job that died of it last. */
interface DeadError {
  /** null where the jobs have none. */
  error: string | null;
  jobs: number;
  newest: { id: string; died_at: string };
}

interface DeadErrors {
  /** How many dead jobs were looked at: the newest. */
  looked_at: number;
  /** Whether there are others. */
  more: boolean;
  errors: DeadError[];
}

/** How many of the newest dead jobs are looked at. */
const MAX_LOOKED_AT = 1000;
const MAX_ERRORS = 20;

/** Of what the newest dead jobs of a queue have died, the newest first. The index of the queue's dead jobs is read backwards. */
export async function listDeadErrors(db: Database, queue: string, signal?: AbortSignal): Promise<DeadErrors> {
  const rows = await db.run(
    (sql) => sql<
      { error: string | null; jobs: number; id: string; died_at: string; looked_at: number; more: boolean }[]
    >`
      with newest as materialized (
        select seq, last_error
        from dead_jobs
        where queue = ${queue}::text
        order by seq desc
        limit ${MAX_LOOKED_AT}
      ),
      errors as materialized (
        select last_error, count(*)::integer as jobs, max(seq) as seq
        from newest
        group by last_error
        order by seq desc
        limit ${MAX_ERRORS}
      )
      select
        errors.last_error as error, jobs, job.id::text as id, ${utcTextOf(sql, sql`job.died_at`)} as died_at,
        (select count(*) from newest)::integer as looked_at,
        exists (
          select
          from dead_jobs
          where queue = ${queue}::text
            and seq < (select min(seq) from newest)
        ) as more
      from errors
      cross join lateral (
        select id, died_at
        from dead_jobs
        where dead_jobs.queue = ${queue}::text
          and dead_jobs.seq = errors.seq
        offset 0
      ) as job
      order by errors.seq desc`,
    { class: 'bulk', signal },
  );
  const { looked_at = 0, more = false } = rows[0] ?? {};
  const errors = rows.map(({ error, jobs, id, died_at }) => ({ error, jobs, newest: { id, died_at } }));
  return { looked_at, more, errors };
}
