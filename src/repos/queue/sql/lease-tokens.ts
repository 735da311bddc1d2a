import type { Database } from '../../../database/database.js';
import { randomToken } from './lease.js';

/**
 * Makes the tokens of leases. Replicas of the previous version refuse leases that have a token. Where they may still
 * run, because the database was upgraded just now (migrations/00003-leases.js), leases get no token for some minutes.
 *
 * @returns a function that makes the token of the next lease, or null
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
