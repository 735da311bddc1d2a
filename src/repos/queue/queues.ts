import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import type { ReadyAgain } from './end-runs.js';

export interface QueueStats {
  queue: string;
  ready: number;
  scheduled: number;
  running: number;
  dead: number;
  oldest_ready_seconds: number | null;
  paused: boolean;
}

/** The queues that have jobs, live or dead, or are paused; or just the one, with zeros where it has none. */
export function queueStats(db: Pick<Database, 'run'>, queue: string | undefined): Promise<QueueStats[]> {
  return db.run((sql) => {
    const here = queue === undefined ? sql`true` : sql`queue = ${queue}`;
    return sql<QueueStats[]>`
      with live as (
        select
          queue,
          count(*) filter (where state = 'ready') as ready,
          count(*) filter (where state = 'scheduled') as scheduled,
          count(*) filter (where state = 'running') as running,
          extract(epoch from clock_timestamp() - min(queued_at) filter (where state = 'ready')) as oldest
        from jobs
        where ${here}
        group by queue
      ),
      dead as (
        select queue, count(*) as dead
        from dead_jobs
        where ${here}
        group by queue
      ),
      paused as (
        select queue, true as paused
        from paused_queues
        where ${here}
      ),
      named as (
        select ${queue ?? null}::text as queue
        where ${queue !== undefined}::boolean
      )
      select
        queue,
        coalesce(ready, 0)::float8 as ready,
        coalesce(scheduled, 0)::float8 as scheduled,
        coalesce(running, 0)::float8 as running,
        coalesce(dead, 0)::float8 as dead,
        -- greatest() passes over a null, which says that none is ready.
        case when oldest is not null then greatest(oldest, 0) end::float8 as oldest_ready_seconds,
        coalesce(paused, false) as paused
      from live
      full join dead using (queue)
      full join paused using (queue)
      full join named using (queue)
      order by queue collate "C"`;
  });
}

/** Pops get nothing from now on; pushes go on. */
export async function pauseQueue(db: Database, queue: string): Promise<void> {
  await db.run((sql) => sql`insert into paused_queues (queue) values (${queue}) on conflict do nothing`);
}

/** Whether a queue is paused: one look for the thousands of polls that may end at once. */
export function pauseLooks(db: Database) {
  return new Coalescer<string, boolean>({
    run: async (queues) => {
      const rows = await db.run(
        (sql) => sql<{ queue: string }[]>`
          select queue from paused_queues where queue = any(${[...new Set(queues)]}::text[])`,
      );
      const paused = new Set(rows.map(({ queue }) => queue));
      return queues.map((queue) => paused.has(queue));
    },
  });
}

export async function resumeQueue(db: Database, queue: string): Promise<void> {
  await db.run((sql) => sql`delete from paused_queues where queue = ${queue}`);
}

/** How many rows one statement removes or moves. */
const CHUNK = 5000;

/** Removes the jobs that wait, or the dead ones; those that run are spared. */
export async function purgeQueue(db: Database, queue: string, which: 'waiting' | 'dead'): Promise<number> {
  for (let purged = 0; ; ) {
    const rows = await db.run(
      (sql) => sql<{ gone: number }[]>`
        with doomed as materialized (
          ${
            which === 'dead'
              ? sql`select id from dead_jobs where queue = ${queue} order by seq limit ${CHUNK} for update`
              : sql`
                select id
                from jobs
                where queue = ${queue}
                  and state in ('ready', 'scheduled')
                order by id
                limit ${CHUNK}
                for update`
          }
        ),
        gone as (
          delete from ${sql(which === 'dead' ? 'dead_jobs' : 'jobs')}
          where id = any(array(select id from doomed))
          returning id
        )
        select count(*)::integer as gone
        from gone`,
      { repeatable: false },
    );
    const gone = rows[0]?.gone ?? 0;
    purged += gone;
    if (gone < CHUNK) return purged;
  }
}

interface Redriven {
  redriven: number;
  skipped: number;
  /** Of each priority the first. */
  ready: ReadyAgain[];
}

/**
 * Dead jobs are ready again, with no attempt burnt; their count of claims goes on, so that no lease of their
 * former life fits. One whose unique key lives again stays dead.
 */
export async function redriveQueue(db: Database, queue: string): Promise<Redriven> {
  const total: Redriven = { redriven: 0, skipped: 0, ready: [] };
  for (let after = '0'; ; ) {
    const [row] = await db.run(
      (sql) => sql<(Redriven & { last: string | null })[]>`
        with dead as materialized (
          select
            id, seq, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, last_error
          from dead_jobs
          where queue = ${queue}
            and seq > ${after}::text::bigint
          order by seq
          limit ${CHUNK}
          for update skip locked
        ),
        back as (
          insert into jobs (
            id, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, last_error
          )
          select id, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, last_error
          from dead
          order by unique_key nulls first, id
          on conflict do nothing
          returning id, priority, seq
        ),
        gone as (
          delete from dead_jobs
          where id = any(array(select id from back))
        )
        select
          (select count(*) from back)::integer as redriven,
          ((select count(*) from dead) - (select count(*) from back))::integer as skipped,
          (
            select coalesce(json_agg(of_each), '[]')
            from (
              select ${queue}::text as queue, priority, min(seq)::text as seq
              from back
              group by priority
            ) as of_each
          ) as ready,
          (select max(seq) from dead)::text as last`,
      { repeatable: false },
    );
    total.redriven += row?.redriven ?? 0;
    total.skipped += row?.skipped ?? 0;
    total.ready.push(...(row?.ready ?? []));
    if (!row || row.last === null || row.redriven + row.skipped < CHUNK) return total;
    after = row.last;
  }
}
