import type { Database, Fragment, Sql } from '../../../database/database.js';
import { type JobRow, type JobState, selectDead, selectLive } from './job-row.js';

/** The jobs of a page are not larger together: to send more would keep the process from answering others. */
const MAX_PAGE_BYTES = 1024 * 1024;

/**
 * A page in the order of arrival, of one state or of all live jobs; `next` where there are more.
 *
 * The size of a page is known before any text is fetched. It is first estimated from the stored sizes, without reading
 * the values (`likely`), then measured on the few that may fit (`fitting`), because compressed values are larger than
 * their stored size. All parts see one snapshot, in which a row keeps its ctid.
 */
export async function listJobs(
  db: Database,
  queue: string,
  state: JobState | undefined,
  after: string,
  limit: number,
  signal?: AbortSignal,
): Promise<{ jobs: JobRow[]; next: string | undefined }> {
  const rows = await db.run(
    (sql) => {
      const table = sql(state === 'dead' ? 'dead_jobs' : 'jobs');
      return sql<(JobRow & { seq: string; found: number })[]>`
        with page as materialized (
          ${selectPage(sql, queue, state, after, limit + 1)}
        ),
        likely as materialized (
          select at
          from (
            select at, row_number() over in_order as place, sum(stored) over in_order as size
            from page
            window in_order as (order by seq rows unbounded preceding)
          ) as stored
          where place <= ${limit}
            and (place = 1 or size <= ${MAX_PAGE_BYTES})
        ),
        fitting as materialized (
          select at
          from (
            select at, row_number() over in_order as place, sum(bytes) over in_order as size
            from (
              select ctid as at, seq, octet_length(job::text) + coalesce(octet_length(last_error), 0) as bytes
              from ${table}
              where ctid = any(array(select at from likely))
            ) as text
            window in_order as (order by seq rows unbounded preceding)
          ) as measured
          where place = 1
            or size <= ${MAX_PAGE_BYTES}
        )
        select shown.*, seq::text as seq, (select count(*) from page)::integer as found
        from (
          ${state === 'dead' ? selectDead(sql) : selectLive(sql)}
          where ctid = any(array(select at from fitting))
        ) as shown
        order by shown.seq`;
    },
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
  const stored = sql`ctid as at, seq, pg_column_size(job) + coalesce(octet_length(last_error), 0) as stored`;
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
