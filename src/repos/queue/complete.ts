import { Coalescer } from '../../database/coalescer.js';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { constant, NOTHING } from '../../database/driver/constant.js';
import { type Fate, findFates } from './held.js';
import { formatLease, LEASE_OF_JOB, type Lease } from './lease.js';

/** Completed jobs are deleted: the table holds live jobs only. */
export function completions(db: Database) {
  return new Coalescer<Lease, Fate>({
    run: async (leases) => {
      const rows = await db.run((sql) => deleteHeld(sql, leases), { idempotent: false });
      const held = new Set(rows.map(({ lease }) => lease));
      return findFates(
        db,
        leases,
        leases.map((lease) => ({ held: held.has(formatLease(lease)) })),
      );
    },
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}

/**
 * Deletes the jobs of those leases that are held. A job whose row another transaction has locked is skipped, so that
 * the others need not wait for it.
 */
function deleteHeld(sql: Sql, leases: Lease[]) {
  return sql<{ id: string; lease: string }[]>`
    delete from jobs
    where id = any(array(
      select id
      from jobs
      where id = any(${leases.map(({ id }) => id)}::uuid[])
        -- Means state = 'running'. Written so because the planner would otherwise prefer jobs_running.
        and lease_expires_at is not null
        and ${LEASE_OF_JOB(sql)} = any(${leases.map(formatLease)}::text[])
      for update skip locked
    ))
    returning id, ${LEASE_OF_JOB(sql)} as lease`;
}

interface Parts {
  /** `completed`: the jobs of those that were held. */
  ctes: Fragment;
  /**
   * Met when all of them are deleted: the keys of their workers are free again then, and nothing that was locked before
   * waits for a row that somebody holds.
   */
  isOver: Fragment;
  /** Met by jobs that it leaves. */
  spared: Fragment;
  /** The leases that were held, separated by spaces; null where all were. */
  held: Fragment;
}

const TRUE = constant((sql) => sql`true`);
const NULL = constant((sql) => sql`null`);
const IS_OVER = constant((sql) => sql`(select count(*) from completed) >= 0`);
const SPARED = constant((sql) => sql`not exists (select from completed where completed.id = jobs.id)`);

/** The parts of a claim that completes leases in its commit. */
export function completeInClaim(sql: Sql, leases: Lease[]): Parts {
  if (leases.length === 0) {
    return { ctes: NOTHING(sql), isOver: TRUE(sql), spared: TRUE(sql), held: NULL(sql) };
  }
  return {
    ctes: sql`completed as (${deleteHeld(sql, leases)}),`,
    isOver: IS_OVER(sql),
    spared: SPARED(sql),
    held: sql`
      case
        when (select count(*) from completed) < ${leases.length}::integer
        then (select coalesce(string_agg(lease, ' '), '') from completed)
      end`,
  };
}
