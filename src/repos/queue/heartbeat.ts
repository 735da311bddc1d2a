import { Coalescer } from '../../database/coalescer.js';
import { constant } from '../../database/constant.js';
import type { Database } from '../../database/database.js';
import { utcText } from '../keyset.js';
import { type Fate, findFates, heldLeases, isHeld } from './held.js';
import type { Lease } from './lease.js';

interface Beat extends Lease {
  lease_seconds: number | undefined;
}

interface ExtendedRow {
  held: boolean;
  lease_expires_at: string | null;
  cancel_requested: boolean | null;
}

export type Extended = ExtendedRow & Fate;

const LEASE_END = constant((sql) => utcText(sql, 'extended.lease_expires_at'));

/** Extends leases from now on. No indexed column changes, so that the rows are updated in place. */
export function heartbeats(db: Database, defaults: { leaseSeconds: number }) {
  return new Coalescer<Beat, Extended>({
    run: async (beats) => {
      const rows = await db.run(
        (sql) => sql<ExtendedRow[]>`
          with ${heldLeases(sql, beats)},
          wanted as (
            select held.id, held.cancel_requested, max(nullif(lease_seconds, 0)) as lease_seconds
            from held
            join asked on ${isHeld(sql)}
            join unnest(${beats.map((beat) => beat.lease_seconds ?? 0)}::integer[])
              with ordinality as beat (lease_seconds, n) using (n)
            group by held.id, held.cancel_requested
          ),
          extended as (
            update jobs
            set lease_expires_at = clock_timestamp() + make_interval(
              secs => coalesce(wanted.lease_seconds, jobs.lease_seconds, ${defaults.leaseSeconds})
            )
            from wanted
            where jobs.id = any(array(select id from held))
              and jobs.id = wanted.id
            returning jobs.id, jobs.lease_expires_at, wanted.cancel_requested
          )
          select
            held.id is not null as held,
            ${LEASE_END(sql)},
            extended.cancel_requested
          from asked
          left join held on ${isHeld(sql)}
          left join extended on extended.id = held.id
          order by n`,
      );
      return findFates(db, beats, rows);
    },
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}
