import type { Sql } from '../../database/database.js';
import { utcText } from '../time-text.js';
import type { VariantKey } from '../values.js';

/**
 * The state of a variant:
 * - `done`: the variant exists.
 * - `claimed`: a worker makes it. `expired`: its worker sent no heartbeat in time.
 * - `failed`: its worker has reported an error.
 * - `unclaimed`: nobody makes it.
 * - null: the hash does not exist.
 */
export interface StateRow {
  state: 'done' | 'claimed' | 'expired' | 'failed' | 'unclaimed' | null;
  identifier: string | null;
  error: string | null;
  lease_expires_at: string | null;
  /** Milliseconds until the lease of a claim ends, or until it is read again. */
  milliseconds: number | null;
}

/**
 * A state is read again after this time. A lease in a backup, or after the clock was changed, may be years away, and so
 * many milliseconds are no integer.
 */
const MAX_REST = '1 day';

/** The state of each variant and of its claim. */
export function statesStatement(sql: Sql, keys: VariantKey[]) {
  return sql<StateRow[]>`
    select
      case
        when not is_there then null
        when file.identifier is not null then 'done'
        when claim.error is not null then 'failed'
        when claim.identifier is not null or claim.lease_expires_at is null then 'unclaimed'
        when claim.lease_expires_at > clock_timestamp() then 'claimed'
        else 'expired'
      end as state,
      file.identifier,
      claim.error,
      ${utcText(sql, 'claim.lease_expires_at')},
      ceil(
        extract(
          epoch from least(greatest(claim.lease_expires_at, now()), now() + ${MAX_REST}::interval) - now()
        ) * 1000
      )::integer as milliseconds
    from unnest(
      ${keys.map(({ hash }) => hash)}::text[],
      ${keys.map(({ variant }) => variant)}::text[]
    ) with ordinality as asked (hash, variant, n)
    cross join lateral (
      select (select true from hashes where hashes.hash = decode(asked.hash, 'hex') and doomed_at is null) is true as is_there
    ) as content
    left join lateral (
      select identifier
      from variants
      where variants.hash = decode(asked.hash, 'hex')
        and variants.variant = asked.variant
      limit 1
    ) as file on is_there
    left join lateral (
      select error, identifier, lease_expires_at
      from variant_claims
      where variant_claims.hash = decode(asked.hash, 'hex')
        and variant_claims.variant = asked.variant
      limit 1
    ) as claim on is_there
    order by n`;
}
