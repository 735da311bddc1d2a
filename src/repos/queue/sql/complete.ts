import type { Database } from '../../../database/database.js';
import { deleteCompleted } from './claim.js';
import { formatLease, type Lease } from './lease.js';
import { findLost, type LeaseResult } from './lost-leases.js';

/** Its queue, and the seconds that it ran, for the first of equal leases that completed a job. */
export type Completed = LeaseResult & { job: { queue: string; ran: number } | undefined };

/**
 * Completes jobs: they are deleted, so that the table holds live jobs only. The statement is the first part of a claim,
 * and is defined there.
 */
export async function completeLeases(db: Database, leases: Lease[]): Promise<Completed[]> {
  const rows = await db.run((sql) => deleteCompleted(sql, leases), { idempotent: false });
  const completed = new Set(rows.map(({ lease }) => lease));
  const uncounted = new Map(rows.map((row) => [row.lease, row]));
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
