import type { Fragment, Sql } from '../../database/database.js';
import type { Mark } from './low-marks.js';

/**
 * The query that picks the ready jobs of a queue, in their order, and locks them: replicas never wait for each
 * other, nor for a job that somebody holds by hand.
 *
 * @param marks where to begin, in the order of their priorities (low-marks.ts); undefined looks at the whole queue
 * @param most how many
 */
export function pickReady(sql: Sql, queue: string, marks: Mark[] | undefined, most: Fragment): Fragment {
  const last = marks?.at(-1);
  if (!marks || !last) {
    return sql`
      select id, priority, seq, octet_length(job::text) as bytes
      from jobs
      where queue = ${queue}
        and state = 'ready'
        and not exists (select from paused_queues where paused_queues.queue = ${queue})
      order by priority, seq
      limit ${most}
      for update skip locked`;
  }
  const fromLast = sql`
    select id, priority, seq, octet_length(job::text) as bytes
    from jobs
    where queue = ${queue}
      and state = 'ready'
      and (priority, seq) >= (${last.priority}::smallint, ${last.seq}::text::bigint)
      and not exists (select from paused_queues where paused_queues.queue = ${queue})
    order by priority, seq
    limit ${most}
    for update skip locked`;
  if (marks.length === 1) return fromLast;
  // One range of the index for each priority before the last, in their order; the limit ends them as soon as it is met.
  const before = marks.slice(0, -1);
  return sql`
    select job.id, job.priority, job.seq, job.bytes
    from unnest(
      ${before.map(({ priority }) => priority)}::smallint[],
      ${before.map(({ seq }) => seq)}::text[]::bigint[]
    ) as mark (priority, seq)
    cross join lateral (
      select id, priority, seq, octet_length(job::text) as bytes
      from jobs
      where queue = ${queue}
        and state = 'ready'
        and priority = mark.priority
        and seq >= mark.seq
        and not exists (select from paused_queues where paused_queues.queue = ${queue})
      order by seq
      limit ${most}
      for update skip locked
    ) as job
    union all
    select * from (${fromLast}) as last
    limit ${most}`;
}
