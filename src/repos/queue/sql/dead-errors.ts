import type { Database } from '../../../database/database.js';
import { utcTextOf } from '../../time-text.js';

/** An error of dead jobs, with the job that died of it last. */
interface DeadError {
  /** null if the jobs have no error. */
  error: string | null;
  jobs: number;
  newest: { id: string; died_at: string };
}

interface DeadErrors {
  /** How many of the newest dead jobs were read. */
  looked_at: number;
  /** Whether there are older dead jobs. */
  more: boolean;
  /** How many different errors they have, also those that are not listed. */
  different: number;
  errors: DeadError[];
}

/** How many of the newest dead jobs are read. */
const MAX_LOOKED_AT = 1000;
const MAX_ERRORS = 20;

/** The errors of the newest dead jobs of a queue, the newest first, by the index of these jobs. */
export async function listDeadErrors(db: Database, queue: string, signal?: AbortSignal): Promise<DeadErrors> {
  const rows = await db.run(
    (sql) => sql<(Omit<DeadError, 'newest'> & DeadError['newest'] & Omit<DeadErrors, 'errors'>)[]>`
      with newest as materialized (
        select seq, last_error
        from dead_jobs
        where queue = ${queue}::text
        order by seq desc
        limit ${MAX_LOOKED_AT}
      ),
      errors as materialized (
        select last_error, count(*)::integer as jobs, max(seq) as seq, count(*) over ()::integer as different
        from newest
        group by last_error
        order by seq desc
        limit ${MAX_ERRORS}
      )
      select
        errors.last_error as error, jobs, job.id::text as id, ${utcTextOf(sql, sql`job.died_at`)} as died_at,
        different, (select count(*) from newest)::integer as looked_at,
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
  const { looked_at = 0, more = false, different = 0 } = rows[0] ?? {};
  const errors = rows.map(({ error, jobs, id, died_at }) => ({ error, jobs, newest: { id, died_at } }));
  return { looked_at, more, different, errors };
}
