import { Coalescer } from '../../database/coalescer.js';
import { column } from '../../database/column.js';
import type { Database } from '../../database/database.js';
import { endRuns, type ReadyAgain } from './end-runs.js';
import { type Asked, type Fate, findFates, heldLeases, isHeld } from './held.js';
import { formatLease } from './lease.js';

/** A run that ended without success; see endRuns for the columns. */
interface End extends Asked {
  error: string | undefined;
  burnt: 0 | 1;
  retry: boolean;
  delay: number | undefined;
}

interface EndedRow extends ReadyAgain {
  held: boolean;
  /** Where the job is now; gone where a cancel had been asked for. */
  state: 'ready' | 'scheduled' | 'dead' | 'gone';
  attempts: number | null;
  run_at: string | null;
}

export type Ended = EndedRow & Fate;

/** fail, release, and jobs that never reached their worker: one statement for what gathered. */
export function ends(db: Database, options: { backoffMaxSeconds: number }) {
  return new Coalescer<End, Ended>({
    weigh: ({ error }) => error?.length ?? 0,
    run: async (runs) => {
      // Of the same lease in one batch the first counts; the others have lost it to that one.
      const firsts = new Map<string, End>();
      for (const run of runs) if (!firsts.has(formatLease(run))) firsts.set(formatLease(run), run);
      const unique = [...firsts.values()];
      const ended = await findFates(db, unique, await endAll(db, unique, options.backoffMaxSeconds));
      const results = new Map(unique.map((run, at) => [formatLease(run), ended[at]]));
      return runs.map((run) => {
        const first = firsts.get(formatLease(run));
        const result = results.get(formatLease(run));
        if (!result) throw new Error('a run was not ended');
        if (first === run || result.isBlocked) return result;
        // Where the first one was about an older delivery, this one is yet to be tried.
        const isOpen = result.lost !== null && first?.delivery !== undefined;
        return { ...result, lost: result.lost ?? result.state, isBlocked: isOpen };
      });
    },
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}

function endAll(db: Database, runs: End[], backoffMaxSeconds: number): Promise<EndedRow[]> {
  return db.run(
    (sql) => sql<EndedRow[]>`
      with ${heldLeases(sql, runs)},
      ended as materialized (
        select
          held.id, held.attempts, held.max_attempts, held.claims - run.undelivered as claims, held.cancel_requested,
          held.last_error, run.error, run.burnt, run.retry, run.delay
        from held
        join asked on ${isHeld(sql)}
        join unnest(
          ${column(runs, ({ error }) => error)}::text[],
          ${runs.map(({ burnt }) => burnt)}::integer[],
          ${runs.map(countUndelivered)}::integer[],
          ${runs.map(({ retry }) => String(retry))}::text[]::boolean[],
          ${column(runs, ({ delay }) => delay)}::float8[]
        ) with ordinality as run (error, burnt, undelivered, retry, delay, n) using (n)
      ),
      ${endRuns(sql, backoffMaxSeconds)}
      select
        held.id is not null as held,
        coalesce(returned.state, case when buried.id is not null then 'dead' else 'gone' end) as state,
        coalesce(returned.attempts, buried.attempts) as attempts,
        returned.run_at,
        returned.queue,
        returned.priority,
        returned.seq::text as seq
      from asked
      left join held on ${isHeld(sql)}
      left join returned on returned.id = held.id
      left join buried on buried.id = held.id
      order by n`,
    { repeatable: false },
  );
}

/**
 * A run that reached no worker does not count as one: else an innocent job would be dead after some of them. Where
 * leases have no token, only the count tells them apart.
 */
function countUndelivered({ delivery, token }: End): number {
  return delivery !== undefined && token !== null ? 1 : 0;
}
