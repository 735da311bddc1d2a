import { toUtc } from '../../timestamp.js';
import { type CleanableKind, KINDS } from './kinds.js';
import type { Finder, Place } from './look.js';

/** The start of a pass of report.clean, as text that is opaque to clients. */

const MEMBERS: Record<Finder['members'][number], (text: string) => boolean> = {
  time: (text) => text === '-infinity' || toUtc(text) === text,
  // The place after all contents of a digest has one byte more than any hash may have.
  hash: (text) => /^(?:[0-9a-f]{2}){0,65}$/.test(text),
  text: (text) => !text.includes('\0') && text.isWellFormed(),
};

export function toCursor(kind: CleanableKind, place: Place): string {
  return Buffer.from(JSON.stringify([kind, ...place])).toString('base64url');
}

/** Reads a cursor. Returns undefined if it is not a cursor of this kind. */
export function readCursor(kind: CleanableKind, cursor: string): Place | undefined {
  const [of, ...place] = parsed(Buffer.from(cursor, 'base64url').toString());
  const { members } = KINDS[kind].finder;
  if (of !== kind || place.length !== members.length) return undefined;
  const texts = place.filter((member) => typeof member === 'string');
  const isPlace =
    texts.length === members.length && members.every((type, n) => MEMBERS[type](texts[n] ?? ''));
  return isPlace ? texts : undefined;
}

function parsed(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
