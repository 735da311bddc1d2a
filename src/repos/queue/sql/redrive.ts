import type { Database } from '../../../database/database.js';
import type { ReadyJob } from './queue-position.js';

/** Maximum number of rows that one statement moves. */
const CHUNK = 5000;

interface Redriven {
  redriven: number;
  skipped: number;
  /** The first job of each priority. */
  ready: ReadyJob[];
}

/**
 * Makes dead jobs ready again, with no attempts counted. Their count of claims goes on, so that no earlier lease matches.
 * `claims_at_redrive` notes the count at this moment, because only later claims count towards the maximum. A job stays dead
 * if another job has its unique key.
 */
export async function redriveQueue(db: Database, queue: string): Promise<Redriven> {
  const total: Redriven = { redriven: 0, skipped: 0, ready: [] };
  for (let after = '0'; ; ) {
    const [row] = await db.run(
      (sql) => sql<(Redriven & { last: string | null })[]>`
        with dead as materialized (
          select
            id, seq, queue, job, priority, unique_key, queued_at, max_attempts, claims, lease_seconds, max_run_seconds,
            last_error
          from dead_jobs
          where queue = ${queue}
            and seq > ${after}::text::bigint
          order by seq
          limit ${CHUNK}
          for update skip locked
        ),
        back as (
          insert into jobs (
            id, queue, job, priority, unique_key, queued_at, ready_since, max_attempts, claims, claims_at_redrive,
            lease_seconds, max_run_seconds, last_error
          )
          select
            id, queue, job, priority, unique_key, queued_at, clock_timestamp(), max_attempts, claims, claims,
            lease_seconds, max_run_seconds, last_error
          from dead
          order by unique_key nulls first, id
          on conflict do nothing
          returning id, priority, seq
        ),
        deleted as (
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
      { idempotent: false },
    );
    total.redriven += row?.redriven ?? 0;
    total.skipped += row?.skipped ?? 0;
    total.ready.push(...(row?.ready ?? []));
    if (!row || row.last === null || row.redriven + row.skipped < CHUNK) return total;
    after = row.last;
  }
}
