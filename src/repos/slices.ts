import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, unavailable } from '../problems.js';

/** The size of the first slice, and the limits of later sizes. */
const FIRST_SIZE = 500;
const MIN_SIZE = 50;
const MAX_SIZE = 10_000;
/** The duration of a slice that sizes are adapted to. */
const SLICE_MS = 100;
/** How often a slice is tried while the database is busy or unavailable. */
const MAX_TRIES = 10;
const PAUSE_MS = 200;

/**
 * Reads a large table in slices. Each slice is a statement of its own, so no snapshot is held for long, no connection
 * is kept, and other statements run in between. A slow slice is followed by smaller ones.
 *
 * @param read reads up to `size` rows after a place; returns the place of the next slice, or undefined at the end
 * @returns whether the end was reached within the time
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

/**
 * As throughSlices, until a time.
 *
 * @throws Problem 503 `overloaded` if the time is over
 */
export async function throughSlicesUntil<Place>(
  until: number,
  first: Place,
  read: (place: Place, size: number) => Promise<Place | undefined>,
): Promise<void> {
  const isDone = await throughSlices(first, read, until - performance.now());
  if (!isDone) throw unavailable('overloaded', 'The count took too long.');
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
      // Without `ref`, the pause does not keep the process alive after the service has closed.
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }
}
