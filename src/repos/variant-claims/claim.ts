import type { Sql } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { isLive } from '../doomed.js';
import { utcText } from '../time-text.js';
import { bytes, type VariantKey } from '../values.js';
import { KEPT_AFTER_LEASE } from './forget.js';

/**
 * The outcome of a claim:
 * - `created`: the claim is new, or replaces one that has ended or expired.
 * - `own`: the same claimer has it already.
 * - `held`: another claimer has it.
 * - `done`: the variant exists.
 * - `orphan`: the hash does not exist.
 */
export interface ClaimRow {
  outcome: 'created' | 'own' | 'held' | 'done' | 'orphan';
  /** The token of the caller's claim; null if it got none. */
  token: string | null;
  lease_seconds: number | null;
  /** The end of the lease, also if another claimer has it. */
  lease_expires_at: string | null;
  /** The file of the variant, if that exists. */
  identifier: string | null;
}

export interface NewClaim extends VariantKey {
  claimerSha256: Buffer;
  /** The token for a new claim. */
  token: string;
  leaseSeconds: number | undefined;
}

const DEFAULT_LEASE_SECONDS = 60;

/**
 * Claims a variant. The locked row decides, so that only one of several claimers gets it. A claimer that sees a valid
 * lease of another one takes no lock, and does not wait. If a claim was finished while this statement waited for its
 * row, the snapshot lacks the variant, so the file is read from the claim.
 */
export function claimStatement(
  sql: Sql,
  { hash: hex, variant, claimerSha256, token, leaseSeconds }: NewClaim,
  lockTimeout: LockTimeout,
) {
  const hash = bytes(hex);
  return sql<ClaimRow[]>`
    with existing as materialized (
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
        and not exists (select from existing)
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
          when exists (select from existing) then 'done'
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
        coalesce((select identifier from existing), identifier) as identifier
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
