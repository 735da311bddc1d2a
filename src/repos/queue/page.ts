import type { Fragment, Sql } from '../../database/database.js';
import type { JobState } from './jobs.js';

/**
 * The query of the first `most` jobs of a queue after a place in the order of arrival: where each lies in its table
 * (`at`), its `seq`, and what of it is stored. It reads no text. The states are written out, as each has an index of
 * its own. `ready` is by priority first, so each priority is looked at. Of `running` there are as many as workers can
 * hold, in all queues together.
 */
export function pageOf(
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
      const part = (one: JobState) => pageOf(sql, queue, one, after, most);
      return sql`
        select at, seq, stored
        from ((${part('ready')}) union all (${part('running')}) union all (${part('scheduled')})) as live
        ${first}`;
    }
  }
}
