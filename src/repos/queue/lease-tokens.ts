import type { Database } from '../../database/database.js';
import { randomToken } from './lease.js';

/**
 * Makes the tokens of leases. Replicas of the version before take no lease with a token, so where they were running
 * as the database was upgraded (migrations/00003-leases.js), leases are issued without one for some minutes.
 *
 * @returns what gives the token of the next lease, or null
 */
export async function openLeaseTokens(db: Database): Promise<() => string | null> {
  const [row] = await db.run(
    (sql) => sql<{ ms: number | null }[]>`
      select (extract(epoch from max(begin_at) - clock_timestamp()) * 1000)::numeric as ms
      from lease_tokens`,
  );
  const beginsAt = performance.now() + (row?.ms ?? 0);
  return () => (performance.now() < beginsAt ? null : randomToken());
}
