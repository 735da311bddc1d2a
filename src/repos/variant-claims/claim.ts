import type { Sql } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { isLive } from '../doomed.js';
import { utcText } from '../keyset.js';
import { bytes, type VariantKey } from '../values.js';

/**
 * - `created`: the claim is new, or taken over from one that has ended or run out.
 * - `own`: the same claimer has it already.
 * - `held`: another one has it.
 * - `done`: the variant exists.
 * - `orphan`: there is no such hash.
 */
export interface ClaimRow {
  outcome: 'created' | 'own' | 'held' | 'done' | 'orphan';
  /** Of a claim that the caller has now. */
  token: string | null;
  lease_seconds: number | null;
  /** Also of a claim that another one has. */
  lease_expires_at: string | null;
  /** Of the variant that exists. */
  identifier: string | null;
}

export interface NewClaim extends VariantKey {
  claimerSha256: Buffer;
  /** The token of the claim, if it is created. */
  token: string;
  leaseSeconds: number | undefined;
}

const DEFAULT_LEASE_SECONDS = 60;
/** What has ended is kept for so long for those who still ask; what has run out so that its worker may still finish. */
export const KEPT_AFTER_END = '10 minutes';
const KEPT_AFTER_LEASE = '1 day';

/**
 * Claims a variant. It is decided on the locked row, so that of many one gets it. A rival that sees somebody else's lease
 * takes no lock, and so waits for nobody. Who has waited for a claim that was finished meanwhile finds a newer row than its
 * snapshot has, and learns the file from it, because the snapshot has no variant yet.
 */
export function claimStatement(
  sql: Sql,
  { hash: hex, variant, claimerSha256, token, leaseSeconds }: NewClaim,
  lockTimeout: LockTimeout,
) {
  const hash = bytes(hex);
  return sql<ClaimRow[]>`
    with standing as materialized (
      select identifier
      from variants
      where hash = ${hash}
        and variant = ${variant}
        and ${isLive(sql, sql`variants.hash`)}
    ),
    seen as materialized (
      select
        xmin::text as version,
        lease_expires_at,
        claimer_sha256 <> ${claimerSha256}
          and coalesce(identifier, error) is null
          and lease_expires_at > clock_timestamp() as is_held
      from variant_claims
      where hash = ${hash}
        and variant = ${variant}
    ),
    parent as materialized (
      select hash, exists (select from seen where is_held) as is_held
      from hashes
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = ${hash}
        and doomed_at is null
        and not exists (select from standing)
      for key share
    ),
    known as materialized (
      select
        xmin::text as version,
        claimer_sha256 = ${claimerSha256} as is_own,
        token,
        lease_seconds,
        lease_expires_at,
        identifier,
        coalesce(identifier, error) is not null as has_ended
      from variant_claims
      where hash = (select hash from parent where not is_held)
        and variant = ${variant}
      for update
    ),
    decision as materialized (
      select
        case
          when exists (select from standing) then 'done'
          when not exists (select from parent) then 'orphan'
          when (select is_held from parent) then 'held'
          when known.identifier is not null and known.version is distinct from seen.version then 'done'
          when not has_ended and is_own then 'own'
          when not has_ended and known.lease_expires_at > clock_timestamp() then 'held'
          else 'created'
        end as outcome,
        coalesce(
          ${leaseSeconds ?? null}::integer,
          case when is_own and not has_ended then lease_seconds end,
          ${DEFAULT_LEASE_SECONDS}
        ) as lease_seconds,
        coalesce(known.lease_expires_at, seen.lease_expires_at) as held_until,
        known.token,
        known.identifier
      from (select) as one
      left join known on true
      left join seen on true
    ),
    claim as materialized (
      select
        outcome,
        lease_seconds,
        case when outcome = 'own' then token else ${token} end as token,
        clock_timestamp() + make_interval(secs => lease_seconds) as until
      from decision
      where outcome in ('own', 'created')
    ),
    created as (
      insert into variant_claims (hash, variant, claimer_sha256, token, lease_seconds, lease_expires_at, forget_at)
      select ${hash}::bytea, ${variant}::text, ${claimerSha256}::bytea, token, lease_seconds, until, until + ${KEPT_AFTER_LEASE}::interval
      from claim
      where not exists (select from known)
    ),
    renewed as (
      update variant_claims
      set
        claimer_sha256 = ${claimerSha256},
        token = claim.token,
        lease_seconds = claim.lease_seconds,
        lease_expires_at = until,
        identifier = null,
        error = null,
        forget_at = until + ${KEPT_AFTER_LEASE}::interval
      from claim
      where variant_claims.hash = ${hash}
        and variant_claims.variant = ${variant}
        and exists (select from known)
    ),
    shown as (
      select
        outcome,
        coalesce((select until from claim), case when outcome = 'held' then held_until end) as lease_expires_at,
        coalesce((select identifier from standing), identifier) as identifier
      from decision
    )
    select
      outcome,
      (select token from claim) as token,
      (select lease_seconds from claim) as lease_seconds,
      ${utcText(sql, 'lease_expires_at')},
      identifier
    from shown`;
}

interface HeartbeatRow {
  is_there: boolean;
  lease_expires_at: string | null;
}

/** Extends a claim, also one that has run out and that nobody has taken over. */
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

/** Removes claims that nobody needs any more. */
export function forgetStatement(sql: Sql, limit: number) {
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
