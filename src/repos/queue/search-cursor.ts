import type { Part, Place } from './sql/scan-jobs.js';

/** Cursors of searches. They name a place, not a job, so they stay valid when the job is gone. */

const PARTS: Record<Part, 0> = { running: 0, ready: 0, scheduled: 0, keyed: 0, dead: 0, newest: 0 };
/** A part, a priority, a place in the order of arrival, and the queue, which may be empty. */
const PLACE = /^([a-z]+) (-?\d{1,5}) (\d{1,18}) ([^\0]{0,255})$/su;

export function toSearchCursor({ part, priority, seq, queue }: Place): string {
  return encode(`${part} ${priority} ${seq} ${queue}`);
}

/** Reads a cursor; undefined if the text is not a cursor. */
export function readSearchCursor(cursor: string): Place | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, part = '', digits = '', seq = '', queue = ''] = PLACE.exec(text) ?? [];
  const priority = Number(digits);
  if (!isPart(part) || priority < -32_768 || priority > 32_767 || encode(text) !== cursor) return undefined;
  return { part, queue, priority, seq };
}

function isPart(part: string): part is Part {
  return Object.hasOwn(PARTS, part);
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
