import { randomUUID } from 'node:crypto';

/**
 * A UUIDv7 (RFC 9562): 48 bits of milliseconds, and the random bits of a UUIDv4, for which node keeps random bytes
 * in stock. To ask the system for them at each push took a tenth of the process's time.
 */
export function newJobId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
