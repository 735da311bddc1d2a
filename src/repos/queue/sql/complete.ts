import type { Database } from '../../../database/database.js';
import { type CompletedRow, deleteCompleted } from './claim.js';
import { type DoneLease, keepCompleted } from './keep-completed.js';
import { formatLease } from './lease.js';
import { findLost, type LeaseResult } from './lost-leases.js';

/** Its queue, and the seconds that it ran, for the first of equal leases that completed a job. */
export type Completed = LeaseResult & { job: { queue: string; ran: number } | undefined };

/**
 * Completes jobs: they are deleted, so that the table holds live jobs only. The statement is the first part of a claim,
 * and is defined there.
 *
 * @param retentionMinutes how long completed jobs are kept; 0 does not keep them
 */
export async function completeLeases(
  db: Database,
  leases: DoneLease[],
  retentionMinutes = 0,
): Promise<Completed[]> {
  const rows = await db.run(
    (sql) => {
      const completed = deleteCompleted(sql, leases, retentionMinutes);
      if (retentionMinutes === 0) return completed;
      return sql<CompletedRow[]>`
        with completed as (${completed}),
        ${keepCompleted(sql, leases, retentionMinutes)}
        select id, claims, lease_token, queue, ran
        from completed`;
    },
    { idempotent: false },
  );
  const completed = new Map(
    rows.map(({ id, claims, lease_token: token, queue, ran }) => [
      formatLease({ id, claims, token }),
      { queue, ran: Number(ran) / 1e6 },
    ]),
  );
  const uncounted = new Map(completed);
  return await findLost(
    db,
    leases,
    leases.map((lease) => {
      const text = formatLease(lease);
      const job = uncounted.get(text);
      uncounted.delete(text);
      return { matched: completed.has(text), job };
    }),
  );
}
