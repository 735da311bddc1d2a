import type { Database } from '../../../database/database.js';
import { deleteCompleted } from './claim.js';
import { formatLease, type Lease } from './lease.js';
import { findLost, type LeaseResult } from './lost-leases.js';

/**
 * Completes jobs: they are deleted, so that the table holds live jobs only. The statement is the first part of a claim,
 * and is defined there.
 */
export async function completeLeases(db: Database, leases: Lease[]): Promise<LeaseResult[]> {
  const rows = await db.run((sql) => deleteCompleted(sql, leases), { idempotent: false });
  const completed = new Set(rows.map(({ lease }) => lease));
  return await findLost(
    db,
    leases,
    leases.map((lease) => ({ matched: completed.has(formatLease(lease)) })),
  );
}
