import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import { utcText } from '../keyset.js';
import { endRuns, type ReadyAgain } from './end-runs.js';
import { heldLeases, type LostState, lostState } from './held.js';
import type { Lease } from './lease.js';

/** A run that ended without success; see endRuns for the columns. */
interface End extends Lease {
  error: string | undefined;
  burnt: 0 | 1;
  retry: boolean;
  delay: number | undefined;
}

export interface Ended extends ReadyAgain {
  lost: LostState | null;
  /** Where the job is now; gone where a cancel had been asked for. */
  state: 'ready' | 'scheduled' | 'dead' | 'gone';
  attempts: number | null;
  run_at: string | null;
}

/** fail, release, and jobs that never reached their worker: one statement for what gathered. */
export function ends(db: Database, options: { backoffMaxSeconds: number }) {
  return new Coalescer<End, Ended>({
    weigh: ({ error }) => error?.length ?? 0,
    run: (runs) =>
      db.run(
        (sql) => sql<Ended[]>`
          with ${heldLeases(sql, runs)},
          ended as materialized (
            -- Of the same lease in one batch, the first counts.
            select distinct on (held.id) held.id, run.error, run.burnt, run.retry, run.delay
            from held
            join asked using (id, claims)
            join unnest(
              ${runs.map(({ error }) => error ?? null)}::text[],
              ${runs.map(({ burnt }) => burnt)}::integer[],
              ${runs.map(({ retry }) => String(retry))}::text[]::boolean[],
              ${runs.map(({ delay }) => delay ?? null)}::float8[]
            ) with ordinality as run (error, burnt, retry, delay, n) using (n)
            order by held.id, n
          ),
          ${endRuns(sql, options.backoffMaxSeconds)}
          select
            ${lostState(sql)} as lost,
            coalesce(returned.state, case when buried.id is not null then 'dead' else 'gone' end) as state,
            coalesce(returned.attempts, buried.attempts) as attempts,
            ${utcText(sql, 'returned.run_at')} as run_at,
            returned.queue,
            returned.priority,
            returned.seq::text as seq
          from asked
          left join returned on returned.id = asked.id
          left join buried on buried.id = asked.id
          order by n`,
        { repeatable: false },
      ),
  });
}
