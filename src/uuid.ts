import { randomUUID } from 'node:crypto';

/** All values of 12 bits, as hexadecimal digits. */
const COUNTS = Array.from({ length: 0x1000 }, (_, count) => count.toString(16).padStart(3, '0'));

let time = 0;
let count = COUNTS.length;
let beforeCount = '';
let afterCount = '';

/**
 * Makes a UUIDv7 (RFC 9562): 48 bits of milliseconds, a counter of 12 bits, and 62 random bits. Ids of the same
 * millisecond share their random bits, which makes them cheap; they are not secrets. The ids of a process always ascend,
 * even if its clock is set back or the counter overflows into the next millisecond.
 */
export function uuidv7(): string {
  const now = Date.now();
  count++;
  if (now > time || count >= COUNTS.length) {
    time = Math.max(now, time + 1);
    count = 0;
    const digits = time.toString(16).padStart(12, '0');
    beforeCount = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
    // The last two groups, with the dash before them.
    afterCount = randomUUID().slice(18);
  }
  return beforeCount + COUNTS[count] + afterCount;
}
