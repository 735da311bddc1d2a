import type { Sql } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { whyNotFree } from '../file-owner.js';
import { condemnedUnneeded } from '../media/condemn-unneeded.js';
import type { RemovalOptions } from '../media/removal.js';
import { bytes, type VariantKey } from '../values.js';
import { KEPT_AFTER_END } from './forget.js';

/**
 * The outcome of finishing a claim:
 * - `done`: the variant has this file now. `repeated`: it had this file already.
 * - `kept`: another file was related to the variant without a claim, and is kept.
 * - `lost`: the token does not match the claim, or the claim has ended.
 * - `orphan`: the hash does not exist.
 * - `taken`, `condemned`: the file has another owner, or is condemned. The claim is unchanged.
 */
export interface FinishRow {
  outcome: 'done' | 'repeated' | 'kept' | 'lost' | 'orphan' | 'taken' | 'condemned';
  /** The file of the variant. */
  identifier: string;
  /** The caller's file if it is not needed, and whether this statement condemned it. */
  unneeded: string[];
  condemned: number;
  /** The owner of the file. */
  obstacle: { hash: string; variant: string } | null;
}

export interface Finish extends VariantKey {
  tokenSha256: Buffer;
  identifier: string;
  bytes: number | undefined;
}

/** Another transaction has just created the variant, or given the file to an owner. The next run sees it. */
export const FINISH_CONFLICTS = ['variants_pkey', 'variants_identifier_key', 'files_pkey'];

/**
 * Ends a claim and creates the variant with its file, in one statement. If the lease has expired and another worker
 * took the claim over, nothing changes, and the file is condemned. The claim is marked and not removed, because a
 * claimer that waits for its row would otherwise make the variant again.
 */
export function finishStatement(
  sql: Sql,
  { hash: hex, variant, tokenSha256, identifier, bytes: size }: Finish,
  lockTimeout: LockTimeout,
  options: RemovalOptions,
) {
  const hash = bytes(hex);
  return sql<FinishRow[]>`
    with parent as materialized (
      select hash
      from hashes
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = ${hash}
        and doomed_at is null
      for key share
    ),
    known as materialized (
      select
        sha256(convert_to(token, 'UTF8')) = ${tokenSha256} as fits,
        coalesce(identifier, error) is not null as has_ended,
        identifier
      from variant_claims
      where hash = (select hash from parent)
        and variant = ${variant}
      for update
    ),
    existing as materialized (
      select identifier
      from variants
      where hash = (select hash from parent)
        and variant = ${variant}
    ),
    -- Empty also if the snapshot is older than the end of the claim. It then lacks the variant, too.
    ended_before as materialized (
      select
      from variant_claims
      where hash = (select hash from parent)
        and variant = ${variant}
        and identifier = ${identifier}
    ),
    file as materialized (
      select ${identifier}::text as identifier
    ),
    obstacle as materialized (
      select outcome, encode(hash, 'hex') as hash, variant
      from file
      cross join lateral (select * from (${whyNotFree(sql, sql`file.identifier`)}) as reason limit 1) as why
    ),
    decision as materialized (
      select
        case
          when not exists (select from parent) then 'orphan'
          when ${identifier} in (select identifier from existing) then 'repeated'
          when fits and known.identifier = ${identifier}
            and (exists (select from existing) or not exists (select from ended_before))
          then 'repeated'
          -- The variant was removed since.
          when fits and known.identifier = ${identifier} and exists (select from obstacle)
          then (select outcome from obstacle)
          when fits is not true or has_ended then 'lost'
          when exists (select from existing) then 'kept'
          when exists (select from obstacle) then (select outcome from obstacle)
          else 'done'
        end as outcome,
        fits is true and not has_ended as is_current
      from (select) as one
      left join known on true
    ),
    related as (
      insert into variants (hash, variant, identifier, bytes)
      select ${hash}::bytea, ${variant}::text, ${identifier}::text, ${size ?? null}::float8::bigint
      from decision
      where outcome = 'done'
    ),
    ended as (
      update variant_claims
      set
        identifier = coalesce((select identifier from existing), ${identifier}),
        forget_at = clock_timestamp() + ${KEPT_AFTER_END}::interval
      where hash = ${hash}
        and variant = ${variant}
        and exists (select from decision where is_current and outcome in ('done', 'repeated', 'kept'))
    ),
    unwanted as materialized (
      select identifier
      from file
      where (select outcome from decision) in ('kept', 'lost', 'orphan')
    ),
    ${condemnedUnneeded(sql, options)}
    select
      outcome,
      coalesce((select identifier from existing), ${identifier}) as identifier,
      coalesce((select json_agg(identifier) from unneeded), '[]') as unneeded,
      (select count(*) from removed)::integer as condemned,
      (select row_to_json(obstacle) from obstacle) as obstacle
    from decision`;
}

interface FailRow {
  outcome: 'failed' | 'lost' | 'orphan';
}

/** Ends a claim with an error. Another worker can claim the variant at once. */
export function failStatement(
  sql: Sql,
  { hash: hex, variant }: VariantKey,
  tokenSha256: Buffer,
  error: string,
  lockTimeout: LockTimeout,
) {
  const hash = bytes(hex);
  return sql<FailRow[]>`
    with parent as materialized (
      select hash
      from hashes
      where hash = ${hash}
        and doomed_at is null
    ),
    known as materialized (
      select coalesce(identifier, error) is null as is_current
      from variant_claims
      where ${withinLockTimeout(sql, lockTimeout)}
        and hash = (select hash from parent)
        and variant = ${variant}
        and sha256(convert_to(token, 'UTF8')) = ${tokenSha256}
        and identifier is null
        and coalesce(error, ${error}) = ${error}
      for update
    ),
    ended as (
      update variant_claims
      set error = ${error}, forget_at = clock_timestamp() + ${KEPT_AFTER_END}::interval
      where hash = ${hash}
        and variant = ${variant}
        and exists (select from known where is_current)
    )
    select
      case
        when not exists (select from parent) then 'orphan'
        when exists (select from known) then 'failed'
        else 'lost'
      end as outcome`;
}
