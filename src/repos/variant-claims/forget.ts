import type { Database, Sql } from '../../database/database.js';
import type { Repeater } from '../repeater.js';

/** Ended claims are kept this long, so that waiting requests learn the result. */
export const KEPT_AFTER_END = '10 minutes';

/** Expired claims are kept this long, so that their worker can still finish. */
export const KEPT_AFTER_LEASE = '1 day';

const CLAIMS_PER_PASS = 1000;

/** Removes claims that ended or expired some time ago, in the background. */
export function forgetClaims(repeater: Repeater, db: Database): void {
  const pass = async (): Promise<boolean> => {
    const [row] = await db.run((sql) => forgetStatement(sql, CLAIMS_PER_PASS));
    return row?.forgotten === CLAIMS_PER_PASS;
  };
  repeater.every([2000, 4000], () => repeater.passes(pass), 'ended claims could not be removed');
}

function forgetStatement(sql: Sql, limit: number) {
  return sql<{ forgotten: number }[]>`
    with forgotten as materialized (
      select hash, variant
      from variant_claims
      where forget_at < clock_timestamp()
      order by forget_at
      limit ${limit}
      for update skip locked
    ),
    gone as (
      delete from variant_claims
      where (hash, variant) in (select hash, variant from forgotten)
    )
    select count(*)::integer as forgotten
    from forgotten`;
}
