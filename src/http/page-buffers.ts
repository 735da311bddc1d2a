import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_COLLECTION = 24 * 1024 * 1024;

/** The function `gc` of V8, which exists only with this flag. */
let collectYoung: ((options: { type: 'minor' }) => void) | undefined;
let bytesSent = 0;

/**
 * Counts the bytes of pages that were sent, and collects the young heap after each 24 MiB. V8 decides by the size of the
 * objects, without the memory of their buffers, so up to 80 MiB of used buffers stayed until a full collection.
 */
export function notePageSent(bytes: number): void {
  bytesSent += bytes;
  if (bytesSent < BYTES_PER_COLLECTION) return;
  bytesSent = 0;
  if (!collectYoung) {
    setFlagsFromString('--expose-gc');
    collectYoung = runInNewContext('gc');
  }
  collectYoung?.({ type: 'minor' });
}
