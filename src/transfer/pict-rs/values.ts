import { toUtc } from '../../timestamp.js';
import type { Reason } from '../outcome.js';

/** Thrown for a row that cannot be imported. */
export class Unfit extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

export const MAX_IDENTIFIER = 2048;
export const MAX_NAME = 255;

/** Characters and names that are not allowed in a segment of a path (migrations/00004-queue-guards.js). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const UNNAMABLE = /[\u0001-\u001f/\\\u007f-\u009f]|^\.{1,2}$/;

export function text(value: string | null, maxBytes: number): string {
  if (value === null) throw new Unfit('null');
  if (value === '') throw new Unfit('empty');
  if (Buffer.byteLength(value) > maxBytes) throw new Unfit('too_long');
  return value;
}

/** A text that must be usable as a segment of a path. */
export function name(value: string | null): string {
  const checked = text(value, MAX_NAME);
  if (UNNAMABLE.test(checked)) throw new Unfit('invalid_name');
  return checked;
}

/**
 * Converts a hash from base64 to hex. Only the canonical base64 is accepted, because another spelling of the same bytes
 * would be a second hash.
 */
export function hexOfHash(base64: string | null): string {
  if (base64 === null) throw new Unfit('null');
  const bytes = Buffer.from(base64, 'base64');
  const isCanonical = bytes.toString('base64') === base64;
  if (!isCanonical || bytes.length < 1 || bytes.length > 64) throw new Unfit('invalid_base64');
  return bytes.toString('hex');
}

/** Equals no hash, because it is too long for one. */
const NO_HASH = '00'.repeat(65);

/** The content of an alias in hex; undefined if the source has no such alias. */
export function contentOf(hash: string | null): string | undefined {
  if (hash === null) return undefined;
  try {
    return hexOfHash(hash);
  } catch {
    return NO_HASH;
  }
}

export function checkHex(value: string | null, maxBytes: number): string {
  if (value === null) throw new Unfit('null');
  if (!/^([0-9a-fA-F]{2})*$/.test(value)) throw new Unfit('invalid_hex');
  if (value.length > maxBytes * 2) throw new Unfit('too_long');
  return value.toLowerCase();
}

/** The time of rows whose time is not known. */
export const UNKNOWN_TIME = '1970-01-01T00:00:00Z';

/** The tables take no earlier time. */
const EARLIEST_TIME = '0001-01-02';

/**
 * A time of the source, which is UTC without a zone. It is undefined if it cannot be imported: no row is left behind for
 * its time.
 */
export function time(value: string | null): string | undefined {
  const utc = value === null ? undefined : toUtc(value);
  return utc === undefined || utc < EARLIEST_TIME ? undefined : utc;
}

/** A text that a row can do without: undefined if it cannot be imported. */
export function optionalText(value: string | null, maxBytes: number): string | undefined {
  const fits = value !== null && value !== '' && Buffer.byteLength(value) <= maxBytes;
  return fits ? value : undefined;
}

/**
 * Repairs an alias or token that is a UUID. pict-rs stores these as 16 bytes, and its migration from sled to PostgreSQL
 * took bytes that happen to be valid UTF-8 for text.
 *
 * @returns the UUID with its suffix, such as ".jpeg"; undefined if the text needs no repair
 */
export function repairedUuid(value: string): string | undefined {
  // A UUID of 16 bytes and the longest suffix are no longer than this.
  if (value.length > 16 + MAX_EXTENSION) return undefined;
  const bytes = Buffer.from(value);
  const [version = 0, variant = 0] = [bytes[6], bytes[8]];
  if (bytes.length < 16 || version >> 4 !== 4 || variant >> 6 !== 2) return undefined;
  const extension = bytes.subarray(16).toString();
  if (extension !== '' && !EXTENSION.test(extension)) return undefined;
  const hex = bytes.toString('hex', 0, 16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `${groups.join('-')}${extension}`;
}

const MAX_EXTENSION = 6;
const EXTENSION = /^\.[a-z0-9]{1,5}$/;
