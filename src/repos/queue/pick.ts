import type { Fragment, Sql } from '../../database/database.js';
import type { Mark } from './low-marks.js';

/**
 * The query that picks the ready jobs of a queue, in their order, and locks them: replicas never wait for each
 * other, nor for a job that somebody holds by hand.
 *
 * @param marks where to begin; undefined looks at the whole queue
 * @param most how many
 */
export function pickReady(sql: Sql, queue: string, marks: Mark[] | undefined, most: Fragment): Fragment {
  if (!marks) {
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
  // One range of the index for each priority, in their order; the limit ends the loop as soon as it is met.
  return sql`
    select job.id, job.priority, job.seq, job.bytes
    from unnest(
      ${marks.map(({ priority }) => priority)}::smallint[],
      ${marks.map(({ seq }) => seq)}::text[]::bigint[]
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
    limit ${most}`;
}
