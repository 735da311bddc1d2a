import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../problems.js';

/** Rows of the first slice, and the bounds of the others. */
const FIRST_SIZE = 500;
const MIN_SIZE = 50;
const MAX_SIZE = 10_000;
/** How long a slice should take. */
const SLICE_MS = 100;
/** A slice is tried so often while the database is busy or away. */
const MAX_TRIES = 10;
const PAUSE_MS = 200;

/**
 * Goes through a large table in slices, each a statement of its own: no snapshot is old, no connection is held, and others
 * get their turn. Slices that take long are followed by smaller ones.
 *
 * @param read reads a slice of so many rows that follow a place; returns where the next one begins, undefined at the end
 * @returns whether it came to the end within the time
 */
export async function throughSlices<Place>(
  first: Place,
  read: (place: Place, size: number) => Promise<Place | undefined>,
  maxMs: number,
): Promise<boolean> {
  const until = performance.now() + maxMs;
  let size = FIRST_SIZE;
  let place: Place | undefined = first;
  while (place !== undefined) {
    const beganAt = performance.now();
    if (beganAt > until) return false;
    place = await tried(read, place, size);
    const tookMs = performance.now() - beganAt;
    if (tookMs > 2 * SLICE_MS) size = Math.max(MIN_SIZE, Math.floor(size / 2));
    else if (tookMs < SLICE_MS / 2) size = Math.min(MAX_SIZE, size * 2);
  }
  return true;
}

async function tried<Place>(
  read: (place: Place, size: number) => Promise<Place | undefined>,
  place: Place,
  size: number,
): Promise<Place | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await read(place, Math.max(MIN_SIZE, Math.floor(size / tries)));
    } catch (error) {
      const isTemporary = error instanceof Problem && error.status === 503;
      if (!isTemporary || tries >= MAX_TRIES) throw error;
      // A service that has closed must not keep the process alive for the next try.
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }
}
