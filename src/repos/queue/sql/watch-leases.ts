import type { Database, Fragment, Sql } from '../../../database/database.js';
import { lockKey } from '../../../database/schema-name.js';
import { utcText } from '../../time-text.js';

/** Any number of its own. One replica watches at a time; the others wait for their next turn. */
const LOCK = 7_311_908_227;
/** If the last such moment is longer ago than this, leases could not be extended in between. */
const MAX_GAP = '3 seconds';
/** The moment is written to the table at most this often. */
const NOTED_EVERY = '1 second';

/**
 * Notes that this process reaches the database now, so that leases can be extended. If no replica did for a while (all
 * were down, or the database was), the leases that expired in that time, and only those, are extended by a grace,
 * because their workers may be alive. A run that has reached its maximum length gets no grace.
 *
 * While no job is running, nothing is written.
 *
 * @param seenAt the last moment at which this process reached the database
 * @returns this moment; undefined if another replica is noting its own
 */
export async function watchLeases(
  db: Database,
  seenAt: string | undefined,
  graceSeconds: number,
): Promise<string | undefined> {
  const [row] = await db.run(
    (sql) => sql<{ now: string }[]>`
      with leader as materialized (
        select pg_try_advisory_xact_lock(${lockKey(sql, LOCK)}) as won
      ),
      watch as materialized (
        select
          max(seen_at) as noted_at,
          greatest(max(seen_at), ${seenAt ?? '-infinity'}::text::timestamptz) as seen_at,
          clock_timestamp() as now
        from lease_watch
        where (select won from leader)
      ),
      missed as materialized (
        select jobs.id
        from watch
        join jobs on jobs.state = 'running'
          and jobs.lease_expires_at > watch.seen_at
          and jobs.lease_expires_at <= watch.now
          and jobs.lease_expires_at is distinct from jobs.run_ends_at
        where watch.seen_at < watch.now - ${MAX_GAP}::text::interval
        order by jobs.id
        for update of jobs skip locked
      ),
      spared as (
        update jobs
        set lease_expires_at = least(clock_timestamp() + make_interval(secs => ${graceSeconds}::float8), run_ends_at)
        where id = any(array(select id from missed))
      ),
      noted as (
        update lease_watch
        set seen_at = (select now from watch)
        where ctid = any(array(
          select ctid
          from lease_watch
          where exists (
              select
              from watch
              where noted_at < now - ${NOTED_EVERY}::text::interval or noted_at > now
            )
            and exists (select from jobs where state = 'running')
          for update skip locked
        ))
      )
      select ${utcText(sql, 'watch.now')}
      from watch
      where (select won from leader)`,
  );
  return row?.now;
}

/** True if leases could be extended until just now. Before that is known, no lease may end. */
export function isWatched(sql: Sql, seenAt: string | undefined): Fragment {
  return sql`${seenAt ?? '-infinity'}::text::timestamptz > clock_timestamp() - ${MAX_GAP}::text::interval`;
}
