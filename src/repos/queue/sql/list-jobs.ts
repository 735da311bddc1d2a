import type { Database, Fragment, Sql } from '../../../database/database.js';
import { fittingOf, storedSize } from './fitting-page.js';
import { type JobRow, type JobState, selectDead, selectLive } from './job-row.js';

/** The maximum size of a page. Larger answers would delay those of other requests. */
export const MAX_PAGE_BYTES = 1024 * 1024;

/** A page in the order of arrival, of one state or of all live jobs; `next` where there are more. */
export async function listJobs(
  db: Database,
  queue: string,
  state: JobState | undefined,
  after: string,
  limit: number,
  signal?: AbortSignal,
): Promise<{ jobs: JobRow[]; next: string | undefined }> {
  const rows = await db.run(
    (sql) => sql<(JobRow & { seq: string; found: number })[]>`
        with page as materialized (
          ${selectPage(sql, queue, state, after, limit + 1)}
        ),
        ${fittingOf(sql, state === 'dead' ? 'dead_jobs' : 'jobs', sql`seq`, limit, MAX_PAGE_BYTES)}
        select shown.*, seq::text as seq, (select count(*) from page)::integer as found
        from (
          ${state === 'dead' ? selectDead(sql) : selectLive(sql)}
          where ctid = any(array(select at from fitting))
        ) as shown
        order by shown.seq`,
    { class: 'bulk', signal },
  );
  const last = rows.at(-1);
  return { jobs: rows, next: last && last.found > rows.length ? last.seq : undefined };
}

/**
 * The first `most` jobs of a queue after a place in the order of arrival: where each lies in its table (`at`), its `seq`
 * and its stored size. It reads no text.
 *
 * The states are constants in the text, because each has a partial index of its own. The index of ready jobs begins with
 * the priority, so each priority is read by itself. That of running jobs spans all queues: there are few of them.
 */
function selectPage(
  sql: Sql,
  queue: string,
  state: JobState | undefined,
  after: string,
  most: number,
): Fragment {
  const stored = sql`ctid as at, seq, ${storedSize(sql)} as stored`;
  const here = sql`queue = ${queue} and seq > ${after}::text::bigint`;
  const first = sql`order by seq limit ${most}`;
  switch (state) {
    case 'dead':
      return sql`select ${stored} from dead_jobs where ${here} ${first}`;
    case 'scheduled':
      return sql`select ${stored} from jobs where state = 'scheduled' and ${here} ${first}`;
    case 'running':
      return sql`select ${stored} from jobs where state = 'running' and ${here} ${first}`;
    case 'ready':
      return sql`
        select at, seq, stored
        from (
          with recursive priorities as (
            select min(priority) as priority
            from jobs
            where queue = ${queue}
              and state = 'ready'
            union all
            select (
              select min(priority)
              from jobs
              where queue = ${queue}
                and state = 'ready'
                and priority > priorities.priority
            )
            from priorities
            where priorities.priority is not null
          )
          select of_priority.*
          from priorities
          cross join lateral (
            select ${stored}
            from jobs
            where state = 'ready'
              and priority = priorities.priority
              and ${here}
            ${first}
          ) as of_priority
        ) as ready
        ${first}`;
    case undefined: {
      const part = (one: JobState) => selectPage(sql, queue, one, after, most);
      return sql`
        select at, seq, stored
        from ((${part('ready')}) union all (${part('running')}) union all (${part('scheduled')})) as live
        ${first}`;
    }
  }
}
