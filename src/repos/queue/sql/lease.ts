import { randomInt } from 'node:crypto';
import { constant } from '../../../database/driver/constant.js';

/**
 * Proof that a worker may speak for a job: the job's id, how often it was claimed, and a random token of that claim.
 * No lease is issued twice, whatever is pushed, redriven or restored under the same id. Clients treat it as opaque.
 */
export interface Lease {
  id: string;
  claims: number;
  /** Null in a lease that was issued by a version without tokens. */
  token: string | null;
}

/**
 * A lease as one poll got it. A redelivery hands out the same lease with one delivery more. Each delivery can be given
 * back once, and the job is ready again when all are, because the client may have received any of them. The row holds
 * those that are left, combined by xor, so that 0 means none (docs/queue.md#redelivery).
 */
export interface Delivery extends Lease {
  delivery: string;
}

export const LEASE_PATTERN =
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.[1-9][0-9]{0,8}(\\.[1-9][0-9]{0,17})?$';

export function formatLease({ id, claims, token }: Lease): string {
  return token === null ? `${id}.${claims}` : `${id}.${claims}.${token}`;
}

/** Parses a lease that was validated by its pattern. */
export function parseLease(lease: string): Lease {
  const [id = '', claims, token = null] = lease.split('.');
  return { id, claims: Number(claims), token };
}

/** The lease of a row of jobs, as formatLease writes it. */
export const LEASE_OF_JOB = constant(
  (sql) => sql`jobs.id::text || '.' || jobs.claims || coalesce('.' || jobs.lease_token, '')`,
);

/** The seconds since a row of jobs was claimed; NaN where a version before this one handed it out. */
export const RUN_TIME = constant(
  (sql) => sql`coalesce(extract(epoch from clock_timestamp() - jobs.claimed_at)::numeric, 'NaN')`,
);

/** RUN_TIME in whole microseconds and as text, for statements that end many runs. */
export const RUN_MICROSECONDS = constant(
  (sql) =>
    sql`coalesce((date_part('epoch', clock_timestamp() - jobs.claimed_at) * 1000000)::bigint::text, 'NaN')`,
);

/** 48 random bits in decimal digits, never 0. */
export function randomToken(): string {
  return String(randomInt(1, 2 ** 48 - 1));
}
