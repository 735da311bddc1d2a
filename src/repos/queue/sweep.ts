import { constant } from '../../database/constant.js';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { endRuns, type ReadyAgain } from './end-runs.js';

/** Any numbers: the replica that holds the advisory lock sweeps, the others have nothing to do. */
const DUE_LOCK = 7_311_908_225;
const EXPIRED_LOCK = 7_311_908_226;
const MOST = 1000;

/** What a pass did. */
export interface Swept {
  ready: ReadyAgain[];
  /** Leases that had run out. */
  expired?: number;
  /** There may be more to do. */
  full: boolean;
}

/** A sweep of jobs: one statement that moves many, which the fault of a single row could stop (set-aside.ts). */
export interface Sweep {
  /** Passes over some jobs; or is about one of them only. */
  pass: (passedOver: string[], only?: string) => Promise<Swept>;
  /** The ids of the jobs that the next pass is about. */
  candidates: (passedOver: string[]) => Promise<string[]>;
}

/** Scheduled jobs whose time has come are ready. */
export function dueSweep(db: Database): Sweep {
  return {
    pass: async (passedOver, only) => {
      const ready = await db.run(
        (sql) => sql<ReadyAgain[]>`
          with leader as materialized (
            select pg_try_advisory_xact_lock(${DUE_LOCK}) as won
          ),
          due as materialized (
            select id
            from jobs
            where ${IS_DUE(sql)}
              and ${isMeant(sql, passedOver, only)}
              and (select won from leader)
            order by run_at
            limit ${MOST}
            for update skip locked
          )
          update jobs
          set state = 'ready', run_at = null
          where id = any(array(select id from due))
          returning queue, priority, seq::text as seq`,
      );
      return { ready, full: ready.length >= MOST };
    },
    candidates: (passedOver) =>
      findIds(
        db,
        (sql) => sql`
          select id::text as id
          from jobs
          where ${IS_DUE(sql)}
            and ${isMeant(sql, passedOver)}
          order by run_at
          limit ${MOST}`,
      ),
  };
}

/**
 * A lease that ran out is a failed run: a job that kills its workers must not loop for ever. The rows are
 * locked in the subselect, with their lease checked under the lock: a lease extended just now is safe. In no order:
 * what is skipped is not waited for.
 */
export function expiredSweep(db: Database, backoffMaxSeconds: number): Sweep {
  return {
    pass: async (passedOver, only) => {
      const rows = await db.run(
        (sql) => sql<(ReadyAgain & { state: string })[]>`
          with leader as materialized (
            select pg_try_advisory_xact_lock(${EXPIRED_LOCK}) as won
          ),
          ended as materialized (
            select
              id, attempts, max_attempts, claims, cancel_requested, last_error,
              'The lease ran out.' as error, 1 as burnt, true as retry, null::float8 as delay
            from jobs
            where ${HAS_EXPIRED(sql)}
              and ${isMeant(sql, passedOver, only)}
              and (select won from leader)
            limit ${MOST}
            for update skip locked
          ),
          ${endRuns(sql, backoffMaxSeconds)}
          select queue, priority, seq::text as seq, state
          from returned`,
      );
      const ready = rows.filter(({ state }) => state === 'ready');
      return { ready, expired: rows.length, full: rows.length >= MOST };
    },
    candidates: (passedOver) =>
      findIds(
        db,
        (sql) => sql`
          select id::text as id
          from jobs
          where ${HAS_EXPIRED(sql)}
            and ${isMeant(sql, passedOver)}
          limit ${MOST}`,
      ),
  };
}

// now(), not clock_timestamp(): that one is volatile, and would be compared with every row.
const IS_DUE = constant((sql) => sql`state = 'scheduled' and run_at <= now()`);
const HAS_EXPIRED = constant((sql) => sql`state = 'running' and lease_expires_at <= clock_timestamp()`);
const ANY = constant((sql) => sql`true`);

function isMeant(sql: Sql, passedOver: string[], only?: string): Fragment {
  if (only !== undefined) return sql`id = ${only}::text::uuid`;
  return passedOver.length === 0 ? ANY(sql) : sql`id <> all(${passedOver}::uuid[])`;
}

async function findIds(db: Database, statement: (sql: Sql) => Fragment): Promise<string[]> {
  const rows = await db.run((sql) => sql<{ id: string }[]>`${statement(sql)}`);
  return rows.map(({ id }) => id);
}

/** Dead jobs are kept for a while, and then go. */
export async function sweepDead(db: Database, retentionDays: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql`
      delete from dead_jobs
      where id = any(array(
        select id
        from dead_jobs
        where died_at < now() - make_interval(hours => ${24 * retentionDays})
        order by seq
        limit ${MOST}
        for update skip locked
      ))
      returning id`,
  );
  return { ready: [], full: rows.length >= MOST };
}

/** So are the ids of jobs. Those of jobs that stand are found in their own tables. */
export async function sweepIds(db: Database, retentionMinutes: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql`
      delete from job_ids
      where id = any(array(
        select id
        from job_ids
        where pushed_at <= now() - make_interval(mins => ${retentionMinutes})
        order by pushed_at
        limit ${MOST}
        for update skip locked
      ))
      returning id`,
  );
  return { ready: [], full: rows.length >= MOST };
}
