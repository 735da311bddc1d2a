import type { Database } from '../../../database/database.js';
import { utcText } from '../../time-text.js';

export interface QueueStats {
  queue: string;
  ready: number;
  scheduled: number;
  running: number;
  dead: number;
  oldest_ready_seconds: number | null;
  paused: boolean;
}

/** The figures of the queues that have jobs, live or dead, or are paused, in the order of their names. */
export interface Figures {
  /** When they were counted, by the clock of the database. */
  as_of: string;
  queues: QueueStats[];
}

/**
 * Counts the jobs of all queues.
 *
 * The planner counts the ready jobs from the index jobs_ready alone, or from the table where many rows were written since
 * the last vacuum. It must be free to choose, so the statement has a session with settings of its own (service.ts).
 *
 * The oldest ready job of a queue is one of two: the first job that has been ready since its push, whose time is read
 * from the table, or the job with the least `ready_since`, which jobs have that were delayed or came back.
 */
export async function countQueues(db: Pick<Database, 'run'>): Promise<Figures> {
  const rows = await db.run(
    (sql) => sql<(QueueStats & { queue: string | null; as_of: string })[]>`
      with ready_by_priority as materialized (
        select
          queue, priority, count(*) as jobs,
          min(seq) filter (where ready_since is null) as first_seq,
          min(ready_since) as ready_since
        from jobs
        where state = 'ready'
        group by queue, priority
      ),
      first_pushed as (
        select distinct on (queue) queue, priority, first_seq
        from ready_by_priority
        where first_seq is not null
        order by queue, first_seq
      ),
      ready as (
        select queue, sum(jobs) as ready, min(ready_since) as ready_since
        from ready_by_priority
        group by queue
      ),
      scheduled as (
        select queue, count(*) as scheduled
        from jobs
        where state = 'scheduled'
        group by queue
      ),
      running as (
        select queue, count(*) as running
        from jobs
        where state = 'running'
        group by queue
      ),
      dead as (
        select queue, count(*) as dead
        from dead_jobs
        group by queue
      ),
      paused as (
        select queue, true as paused
        from paused_queues
      ),
      figures as (
        select
          queue,
          coalesce(ready, 0) as ready,
          coalesce(scheduled, 0) as scheduled,
          coalesce(running, 0) as running,
          coalesce(dead, 0) as dead,
          greatest(extract(epoch from clock_timestamp() - least(ready_since, (
            select queued_at
            from jobs
            where jobs.state = 'ready'
              and jobs.queue = first_pushed.queue
              and jobs.priority = first_pushed.priority
              and jobs.seq = first_pushed.first_seq
            limit 1
          ))), case when ready > 0 then 0 end)::numeric as oldest_ready_seconds,
          coalesce(paused, false) as paused
        from ready
        left join first_pushed using (queue)
        full join scheduled using (queue)
        full join running using (queue)
        full join dead using (queue)
        full join paused using (queue)
      )
      select ${utcText(sql, 'moment.as_of')}, figures.*
      from (select now() as as_of) as moment
      left join figures on true
      order by queue collate "C"`,
  );
  // Where there is no queue, the only row has just the time.
  return {
    as_of: rows[0]?.as_of ?? '',
    queues: rows.filter((row) => row.queue !== null).map(({ as_of: _, ...stats }) => stats),
  };
}
