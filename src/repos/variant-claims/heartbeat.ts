import type { Sql } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { utcText } from '../time-text.js';
import { bytes, type VariantKey } from '../values.js';
import { KEPT_AFTER_LEASE } from './forget.js';

interface HeartbeatRow {
  is_there: boolean;
  lease_expires_at: string | null;
}

/** Extends the lease of a claim, which may have expired if nobody has taken it over. */
export function heartbeatStatement(
  sql: Sql,
  { hash: hex, variant }: VariantKey,
  tokenSha256: Buffer,
  leaseSeconds: number | undefined,
  lockTimeout: LockTimeout,
) {
  const hash = bytes(hex);
  return sql<HeartbeatRow[]>`
    with parent as materialized (
      select hash
      from hashes
      where hash = ${hash}
        and doomed_at is null
    ),
    known as materialized (
      select hash, coalesce(${leaseSeconds ?? null}::integer, lease_seconds) as lease_seconds
      from variant_claims
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = (select hash from parent)
        and variant = ${variant}
        and sha256(convert_to(token, 'UTF8')) = ${tokenSha256}
        and coalesce(identifier, error) is null
      for update
    ),
    extended as (
      update variant_claims
      set
        lease_seconds = known.lease_seconds,
        lease_expires_at = clock_timestamp() + make_interval(secs => known.lease_seconds),
        forget_at = clock_timestamp() + make_interval(secs => known.lease_seconds) + ${KEPT_AFTER_LEASE}::interval
      from known
      where variant_claims.hash = known.hash
        and variant = ${variant}
      returning lease_expires_at
    )
    select exists (select from parent) as is_there, (select ${utcText(sql, 'lease_expires_at')} from extended)
    from (select) as one`;
}
