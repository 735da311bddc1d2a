import { randomUUID } from 'node:crypto';

/** As hexadecimal digits, all that 12 bits can say. */
const COUNTS = Array.from({ length: 0x1000 }, (_, count) => count.toString(16).padStart(3, '0'));

let time = 0;
let count = COUNTS.length;
let beforeCount = '';
let afterCount = '';

/**
 * A UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 that count, and 62 random ones, which the ids of a millisecond share,
 * as they are names and no secrets. Those of a process ascend, also where its clock is set back, or where there are more
 * in a millisecond than can be counted, which then have some of the next. Requests and jobs come by the dozen in a
 * millisecond, and most of their ids are an addition.
 */
export function uuidv7(): string {
  const now = Date.now();
  count++;
  if (now > time || count >= COUNTS.length) {
    time = Math.max(now, time + 1);
    count = 0;
    const digits = time.toString(16).padStart(12, '0');
    beforeCount = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
    // From the dash on.
    afterCount = randomUUID().slice(18);
  }
  return beforeCount + COUNTS[count] + afterCount;
}
