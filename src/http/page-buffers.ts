import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_COLLECTION = 24 * 1024 * 1024;

/** The function `gc` of V8, which exists only with this flag. */
let collectYoung: ((options: { type: 'minor' }) => void) | undefined;
let bytesSent = 0;

/**
 * Notes the bytes of a page that was sent. The young heap is collected each 24 MiB, because V8 does not count the buffers
 * of pages to it: without this, up to 80 MiB of buffers that nobody needs would wait for a full collection.
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
