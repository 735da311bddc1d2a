/** A lease names the job and how often it was handed out: only the latest holder can match both. */
export interface Lease {
  id: string;
  claims: number;
}

export const LEASE_PATTERN =
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.[1-9][0-9]{0,8}$';

export function formatLease({ id, claims }: Lease): string {
  return `${id}.${claims}`;
}

/** Takes a validated lease apart. */
export function parseLease(lease: string): Lease {
  const dot = lease.indexOf('.');
  return { id: lease.slice(0, dot), claims: Number(lease.slice(dot + 1)) };
}
