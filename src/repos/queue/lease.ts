import { randomInt } from 'node:crypto';
import { constant } from '../../database/constant.js';

/**
 * Proof of who holds a job: which job, how often it was handed out, and a random token of that claim, so that no
 * lease is issued twice, whatever is pushed, redriven or restored under the same id. To clients it is opaque.
 */
export interface Lease {
  id: string;
  claims: number;
  /** Null in a lease that a version without tokens issued. */
  token: string | null;
}

/**
 * A lease as one poll got it. Where its client asks again with the same key, that poll gets the same lease in another
 * delivery. Each of them can be given back once, and the job is ready again when all are: the client may have received
 * any of them. The row holds those that are left, combined by xor, so that 0 means none.
 */
export interface Delivery extends Lease {
  delivery: string;
}

export const LEASE_PATTERN =
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.[1-9][0-9]{0,8}(\\.[1-9][0-9]{0,17})?$';

export function formatLease({ id, claims, token }: Lease): string {
  return token === null ? `${id}.${claims}` : `${id}.${claims}.${token}`;
}

/** Takes a validated lease apart. */
export function parseLease(lease: string): Lease {
  const [id = '', claims, token = null] = lease.split('.');
  return { id, claims: Number(claims), token };
}

/** The lease of a row of jobs, as formatLease writes it. */
export const LEASE_OF_JOB = constant(
  (sql) => sql`jobs.id::text || '.' || jobs.claims || coalesce('.' || jobs.lease_token, '')`,
);

/** 48 random bits in decimal digits, never 0. */
export function randomToken(): string {
  return String(randomInt(1, 2 ** 48 - 1));
}
