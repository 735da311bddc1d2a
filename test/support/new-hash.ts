import { randomBytes } from 'node:crypto';

/** A hash as long as those of pict-rs, of the test's own. */
export function newHash(): string {
  return randomBytes(39).toString('hex');
}
