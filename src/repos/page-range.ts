import type { Fragment, Sql } from '../database/database.js';
import { constant, NOTHING } from '../database/driver/constant.js';
import { Problem } from '../problems.js';
import { MAX_ANSWER_BYTES } from './bounded.js';
import { type ListKind, type Place, readCursor, toCursor } from './cursor.js';
import { bytes, utcOf } from './values.js';

/** Which page of a list. */
export interface PageRange {
  before?: string;
  cursor?: string;
  limit?: number;
  /** Aborted where the client has gone. */
  signal?: AbortSignal;
}

/** Where a page of a list with the newest first begins, and which way it goes. */
export interface ReadRange {
  kind: ListKind;
  filters: string;
  place: Place | undefined;
  isBack: boolean;
  /** What was created at this time, or later, is not on the page. */
  end: string;
}

/** What a statement says of the page that it has found. */
export interface FoundPage {
  /** JSON objects with commas. */
  records: string | null;
  count: number;
  /** The places of the first and the last record, as they were read. */
  first: string | null;
  last: string | null;
  has_more: boolean;
  /** The place where the statement stopped looking, although there may be more beyond it. */
  looked_until?: string | null;
}

export const DEFAULT_LIMIT = 100;

const KEYS = {
  hash: { name: constant((sql) => sql`encode(hash, 'hex')`), value: (key: string) => bytes(key) },
  alias: { name: constant((sql) => sql`alias`), value: (key: string) => key },
} as const;

/** @param filters what tells the filters of the list from others: a cursor holds for these only */
export function readRange(
  kind: ListKind,
  { before, cursor }: Pick<PageRange, 'before' | 'cursor'>,
  filters = '',
): ReadRange {
  const place = cursor === undefined ? undefined : readCursor(kind, cursor);
  if (place && place.filters !== filters) {
    const reason = 'must be a cursor of a list with the same filters';
    const errors = [{ path: '/query/cursor', reason }];
    throw new Problem('invalid_request', `/query/cursor ${reason}.`, { errors });
  }
  const end = before === undefined ? 'infinity' : utcOf(before);
  return { kind, filters, place, isBack: place?.direction === 'newer', end };
}

/**
 * Pieces of SQL: what a row's time and key must be to follow where the page begins, and the order of the page. Backwards
 * `before` is where the list ends, and otherwise it may be where it starts. Beside the place in a condition it could be what
 * PostgreSQL begins to read at, for each record anew.
 */
export function rangeSql(sql: Sql, { kind, place, isBack, end }: ReadRange) {
  const { value } = KEYS[kind];
  const isFromEnd = !isBack && (place === undefined || end <= place.createdAt);
  const operator = isBack ? sql`>` : sql`<`;
  return {
    operator,
    order: isBack ? sql`asc` : sql`desc`,
    untilEnd: isBack ? sql`and created_at < ${end}::text::timestamptz` : NOTHING(sql),
    start:
      place && !isFromEnd
        ? sql`${place.isInclusive ? sql`${operator}=` : operator} (${place.createdAt}::text::timestamptz, ${value(place.key)})`
        : sql`< (${end}::text::timestamptz, ${value('')})`,
  };
}

/** An expression: the text of a row's place, of its columns `created_at` and key. */
export function placeText(sql: Sql, kind: ListKind): Fragment {
  return sql`
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ',' || ${KEYS[kind].name(sql)}`;
}

/** What is selected of a recursive `page` with `place`, `size`, `record` and its rows' places: a FoundPage. */
export function foundPage(sql: Sql, { kind, isBack }: ReadRange, limit: number): Fragment {
  return sql`
    select
      string_agg(record, ',' order by place ${isBack ? sql`desc` : sql`asc`}) as records,
      count(*)::integer as count,
      (array_agg(at order by place))[1] as first,
      (array_agg(at order by place desc))[1] as last,
      (select count(*) from page) > count(*) as has_more
    from (
      select place, record, ${placeText(sql, kind)} as at
      from page
      where place <= ${limit}
        and (place = 1 or size <= ${MAX_ANSWER_BYTES})
    ) as shown`;
}

/** The JSON of a page: its records under `name`, and the cursors `next` and `previous` where there are such pages. */
export function pageText(name: string, range: ReadRange, row: FoundPage | undefined): string {
  const cursors = Object.entries(row ? cursorsOf(range, row) : {});
  const tail = cursors.map(([way, place]) => `,"${way}":"${toCursor(range.kind, place, range.filters)}"`);
  return `{"${name}":[${row?.records ?? ''}]${tail.join('')}}`;
}

/** There is a page on the other side wherever the page was asked for by a cursor: that came from there. */
function cursorsOf({ place, isBack }: ReadRange, { first, last, has_more, looked_until = null }: FoundPage) {
  const until = has_more ? last : looked_until;
  const onwards = until === null ? undefined : placeOf(until, isBack ? 'newer' : 'older');
  const backwards = place && (first === null ? turned(place) : placeOf(first, isBack ? 'older' : 'newer'));
  const [next, previous] = isBack ? [backwards, onwards] : [onwards, backwards];
  return { ...(next && { next }), ...(previous && { previous }) };
}

function placeOf(at: string, direction: Place['direction']): Place {
  const comma = at.indexOf(',');
  return { direction, isInclusive: false, createdAt: at.slice(0, comma), key: at.slice(comma + 1) };
}

/** From an empty page the way back includes the place, as the row there was on the page before. */
function turned({ direction, isInclusive, createdAt, key }: Place): Place {
  return { direction: direction === 'older' ? 'newer' : 'older', isInclusive: !isInclusive, createdAt, key };
}
