import { createHash } from 'node:crypto';
import Type from 'typebox';
import { Problem } from '../problems.js';
import { toUtc } from '../timestamp.js';
import { Timestamp } from './values.js';

/**
 * Cursors of lists with the newest first. A cursor names a place and not a row, so it stays valid when its row is
 * removed.
 */

/** What a list contains. A cursor of one kind is refused by the other. */
export type ListKind = 'hash' | 'alias';

export interface Place {
  /** Whether the page has rows that are older than the place, or newer ones. */
  direction: 'older' | 'newer';
  /** Whether a row at the place itself belongs to the page. */
  isInclusive: boolean;
  /** RFC 3339 in UTC. */
  createdAt: string;
  /** The hash or alias, because several rows may have the same time. */
  key: string;
}

/** The content of a cursor: a place in a list, and what identifies the filters of the list (empty without filters). */
type PlaceOfFilters = Place & { filters: string };

const KINDS = { hash: 'h', alias: 'a' } as const;
const KEYS = {
  hash: /^(?:[0-9a-f]{2}){1,64}$/,
  alias: /^[^\0]{1,255}$/s,
} as const;

/** Kind, direction, time, filters and key. */
const WHOLE = /^(.)([onON])([^~,]*)(?:~([0-9a-f]{16}))?,(.*)$/s;

const EXAMPLES = { hash: 'b5bb9d80', alias: 'cat.webp' } as const;

export function toCursor(
  kind: ListKind,
  { direction, isInclusive, createdAt, key }: Place,
  filters = '',
): string {
  const where = direction === 'older' ? 'o' : 'n';
  const list = filters && `~${filters}`;
  return encode(`${KINDS[kind]}${isInclusive ? where.toUpperCase() : where}${createdAt}${list},${key}`);
}

/** Reads a cursor. Returns undefined if it is not a cursor of this kind. */
export function readCursor(kind: ListKind, cursor: string): PlaceOfFilters | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, of, where = '', createdAt = '', filters = '', key = ''] = WHOLE.exec(text) ?? [];
  const isWhole =
    encode(text) === cursor && of === KINDS[kind] && toUtc(createdAt) === createdAt && KEYS[kind].test(key);
  if (!isWhole) return undefined;
  const direction = where.toLowerCase() === 'o' ? 'older' : 'newer';
  return { direction, isInclusive: where !== where.toLowerCase(), createdAt, key, filters };
}

/** 400 for a cursor that belongs to a list with other filters. @param parameter the one of the query that has it */
export function cursorOfOtherList(parameter: string): Problem {
  const path = `/query/${parameter}`;
  const reason = 'must be a cursor of a list with the same filters';
  return new Problem('invalid_request', `${path} ${reason}.`, { errors: [{ path, reason }] });
}

/** A short digest that identifies filters in cursors. */
export function filtersDigest(filters: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(filters)).digest('hex').slice(0, 16);
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The query parameters of a list. */
export function pageQuery(kind: ListKind) {
  return {
    before: Type.Optional(Timestamp),
    cursor: Type.Optional(cursorOf(kind)),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Maximum number of records; by default 100. A page also ends at 8 MiB.',
      }),
    ),
  };
}

/** The members of a page with the cursors of the pages beside it. */
export const neighbours = {
  next: Type.Optional(
    Type.String({ description: 'If there are older ones: the value of `cursor` for them.' }),
  ),
  previous: Type.Optional(
    Type.String({
      description: 'On a page that was requested with a cursor: the value of `cursor` for the newer ones.',
    }),
  ),
};

function cursorOf(kind: ListKind) {
  const place: Place = {
    direction: 'older',
    isInclusive: false,
    createdAt: '2026-11-22T13:14:56.789012Z',
    key: EXAMPLES[kind],
  };
  return Type.Refine(
    Type.String({
      description: '`next` or `previous` of another page of this list, with the same filters. Opaque.',
      examples: [toCursor(kind, place)],
    }),
    (cursor) => readCursor(kind, cursor) !== undefined,
    () => 'must be a cursor of this list',
  );
}
