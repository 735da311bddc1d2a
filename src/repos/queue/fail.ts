import { Coalescer } from '../../database/coalescer.js';
import { column } from '../../database/column.js';
import type { Database } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { utcText } from '../keyset.js';
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
  /** Where the job is now; gone where a cancel had been asked for, running where another delivery of it is left. */
  state: 'ready' | 'scheduled' | 'dead' | 'gone' | 'running';
  attempts: number | null;
  run_at: string | null;
}

export type Ended = EndedRow & Fate;

/** fail, release, and jobs that never reached their worker: one statement for what gathered. */
export function ends(db: Database, options: { backoffMaxSeconds: number }) {
  return new Coalescer<End, Ended>({
    sizeOf: ({ error }) => error?.length ?? 0,
    run: async (runs) => {
      // Of the same lease in one batch the first counts; the others have lost it to that one.
      const firsts = new Map<string, End>();
      for (const run of runs) if (!firsts.has(formatLease(run))) firsts.set(formatLease(run), run);
      const unique = [...firsts.values()];
      const ended = await findFates(db, unique, await endAll(db, unique, options.backoffMaxSeconds));
      const results = new Map(unique.map((run, at) => [formatLease(run), toldOf(ended[at])]));
      return runs.map((run) => {
        const first = firsts.get(formatLease(run));
        const result = results.get(formatLease(run));
        if (!result) throw new Error('a run was not ended');
        if (first === run || result.isBlocked) return result;
        // Where the first one only gave its delivery back, this one is yet to be tried.
        const isOpen = result.lost !== null && first?.delivery !== undefined;
        return { ...result, lost: result.lost ?? result.state, isBlocked: isOpen };
      });
    },
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}

const RUN_AT = constant((sql) => utcText(sql, 'returned.run_at'));

/** Where the job runs on for another delivery, its lease is not this one's to end. */
function toldOf(ended: Ended | undefined): Ended | undefined {
  return ended?.held && ended.state === 'running' ? { ...ended, lost: 'running' } : ended;
}

function endAll(db: Database, runs: End[], backoffMaxSeconds: number): Promise<EndedRow[]> {
  return db.run(
    (sql) => sql<EndedRow[]>`
      with ${heldLeases(sql, runs)},
      -- Given back, but others have the same lease.
      kept as materialized (
        select held.id, asked.delivery
        from held
        join asked on ${isHeld(sql)}
        where asked.delivery is not null
          and asked.delivery is distinct from held.delivery
      ),
      given_back as (
        update jobs
        set delivery = jobs.delivery # kept.delivery
        from kept
        where jobs.id = any(array(select id from kept))
          and jobs.id = kept.id
      ),
      ended as materialized (
        select
          held.id, held.attempts, held.max_attempts, held.claims - run.undelivered as claims, held.cancel_requested,
          held.last_error, nullif(run.error, '') as error, run.burnt, run.retry, nullif(run.delay, -1) as delay
        from held
        join asked on ${isHeld(sql)}
        join unnest(
          ${column(runs, ({ error }) => error, '')}::text[],
          ${runs.map(({ burnt }) => burnt)}::integer[],
          ${runs.map(countUndelivered)}::integer[],
          ${runs.map(({ retry }) => String(retry))}::text[]::boolean[],
          ${column(runs, ({ delay }) => delay, -1)}::float8[]
        ) with ordinality as run (error, burnt, undelivered, retry, delay, n) using (n)
        where not exists (select from kept where kept.id = held.id)
      ),
      ${endRuns(sql, backoffMaxSeconds)}
      select
        held.id is not null as held,
        case
          when kept.id is not null then 'running'
          when buried.id is not null then 'dead'
          else coalesce(returned.state, 'gone')
        end as state,
        coalesce(returned.attempts, buried.attempts) as attempts,
        ${RUN_AT(sql)},
        returned.queue,
        returned.priority,
        returned.seq::text as seq
      from asked
      left join held on ${isHeld(sql)}
      left join kept on kept.id = held.id
      left join returned on returned.id = held.id
      left join buried on buried.id = held.id
      order by n`,
    { idempotent: false },
  );
}

/**
 * A run that reached no worker does not count as one: else an innocent job would be dead after some of them. Where
 * leases have no token, only the count tells them apart.
 */
function countUndelivered({ delivery, token }: End): number {
  return delivery !== undefined && token !== null ? 1 : 0;
}
