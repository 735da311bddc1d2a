import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import type { ReadyAgain } from './end-runs.js';

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
const LEAST_PRIORITY = -32_768;

/**
 * Removes the jobs that wait, or the dead ones; those that run are spared. So is one that somebody else holds: the
 * purge never waits for a lock while it holds others. What was scheduled goes first, as it may become ready meanwhile.
 */
export async function purgeQueue(db: Database, queue: string, which: 'waiting' | 'dead'): Promise<number> {
  if (which === 'dead') return await purgeState(db, queue, 'dead');
  return (await purgeState(db, queue, 'scheduled')) + (await purgeState(db, queue, 'ready'));
}

/** Each statement begins behind the last job of the one before it, so that none passes over what is gone. */
async function purgeState(
  db: Database,
  queue: string,
  state: 'scheduled' | 'ready' | 'dead',
): Promise<number> {
  let purged = 0;
  let after = { priority: LEAST_PRIORITY, seq: '0' };
  for (;;) {
    const [row] = await db.run(
      (sql) => {
        const table = sql(state === 'dead' ? 'dead_jobs' : 'jobs');
        // The states are written out, and the order is that of the index, which each has for itself.
        const isDoomed = {
          scheduled: sql`state = 'scheduled' and seq > ${after.seq}::text::bigint`,
          ready: sql`
            state = 'ready' and (priority, seq) > (${after.priority}::smallint, ${after.seq}::text::bigint)`,
          dead: sql`seq > ${after.seq}::text::bigint`,
        };
        const order = state === 'ready' ? sql`priority, seq` : sql`seq`;
        return sql<{ gone: number; priority: number | null; seq: string | null }[]>`
          with doomed as materialized (
            select id, priority, seq
            from ${table}
            where queue = ${queue}
              and ${isDoomed[state]}
            order by ${order}
            limit ${CHUNK}
            for update skip locked
          ),
          gone as (
            delete from ${table}
            where id = any(array(select id from doomed))
            returning id
          ),
          last as (
            select priority, seq
            from doomed
            order by ${state === 'ready' ? sql`priority desc, seq desc` : sql`seq desc`}
            limit 1
          )
          select
            (select count(*) from gone)::integer as gone,
            (select priority from last) as priority,
            (select seq from last)::text as seq`;
      },
      { repeatable: false },
    );
    purged += row?.gone ?? 0;
    if (!row || row.priority === null || row.seq === null || row.gone < CHUNK) return purged;
    after = { priority: row.priority, seq: row.seq };
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
