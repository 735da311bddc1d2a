import type { Database } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
import { utcText } from '../../time-text.js';
import type { Lease } from './lease.js';
import { findLost, type LeaseResult } from './lost-leases.js';
import { isMatch, matchLeases } from './match-leases.js';

export interface Extension extends Lease {
  lease_seconds: number | undefined;
}

interface ExtendedRow {
  matched: boolean;
  lease_expires_at: string | null;
  cancel_requested: boolean | null;
}

export type Extended = ExtendedRow & LeaseResult;

const LEASE_END = constant((sql) => utcText(sql, 'extended.lease_expires_at'));

/** When the run is over at the latest; null if that is not set, or is left from a run before (00006-longest-run.js). */
const RUN_END = constant(
  (sql) => sql`case when jobs.lease_expires_at <= jobs.run_ends_at then jobs.run_ends_at end`,
);

/** Extends leases from now on, though not beyond the longest run of their jobs. It changes no indexed column, so the rows are updated in place (HOT). */
export async function extendLeases(
  db: Database,
  extensions: Extension[],
  defaultSeconds: number,
): Promise<Extended[]> {
  const rows = await db.run(
    (sql) => sql<ExtendedRow[]>`
      with ${matchLeases(sql, extensions)},
      wanted as (
        select matched.id, matched.cancel_requested, max(nullif(lease_seconds, 0)) as lease_seconds
        from matched
        join requested on ${isMatch(sql)}
        join unnest(${extensions.map((extension) => extension.lease_seconds ?? 0)}::integer[])
          with ordinality as extension (lease_seconds, n) using (n)
        group by matched.id, matched.cancel_requested
      ),
      extended as (
        update jobs
        set
          heartbeat_at = clock_timestamp(),
          lease_expires_at = least(
            clock_timestamp() + make_interval(
              secs => coalesce(wanted.lease_seconds, jobs.run_lease_seconds, jobs.lease_seconds, ${defaultSeconds})
            ),
            ${RUN_END(sql)}
          )
        from wanted
        where jobs.id = any(array(select id from matched))
          and jobs.id = wanted.id
        returning jobs.id, jobs.lease_expires_at, wanted.cancel_requested
      )
      select
        matched.id is not null as matched,
        ${LEASE_END(sql)},
        extended.cancel_requested
      from requested
      left join matched on ${isMatch(sql)}
      left join extended on extended.id = matched.id
      order by n`,
  );
  return await findLost(db, extensions, rows);
}
