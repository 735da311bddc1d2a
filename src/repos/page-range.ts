import type { Fragment, Sql } from '../database/database.js';
import { constant, NOTHING } from '../database/driver/constant.js';
import { cursorOfOtherList, type ListKind, type Place, readCursor, toCursor } from './cursor.js';
import { MAX_ANSWER_BYTES } from './read-several.js';
import { utcTextOf } from './time-text.js';
import { bytes, utcOf } from './values.js';

/** The page of a list that a request asks for. */
export interface PageRange {
  before?: string;
  cursor?: string;
  limit?: number;
  /** Aborted if the client has disconnected. */
  signal?: AbortSignal;
}

/** Where a page of a list with the newest first begins, and its direction. */
export interface ReadRange {
  kind: ListKind;
  filters: string;
  place: Place | undefined;
  isBack: boolean;
  /** The page has only rows created before this time. */
  end: string;
}

/** The row that a statement returns for a page. */
export interface FoundPage {
  /** JSON objects, separated by commas. */
  records: string | null;
  count: number;
  /** The places of the first and the last record. */
  first: string | null;
  last: string | null;
  has_more: boolean;
  /** The place where the statement stopped reading, if it read no further although there may be more rows. */
  looked_until?: string | null;
}

export const DEFAULT_LIMIT = 100;

const KEYS = {
  hash: { name: constant((sql) => sql`encode(hash, 'hex')`), value: (key: string) => bytes(key) },
  alias: { name: constant((sql) => sql`alias`), value: (key: string) => key },
} as const;

/** @param filters identifies the filters of the list; a cursor is valid only for the filters that it was made for */
export function readRange(
  kind: ListKind,
  { before, cursor }: Pick<PageRange, 'before' | 'cursor'>,
  filters = '',
): ReadRange {
  const place = cursor === undefined ? undefined : readCursor(kind, cursor);
  if (place && place.filters !== filters) throw cursorOfOtherList('cursor');
  const end = before === undefined ? 'infinity' : utcOf(before);
  return { kind, filters, place, isBack: place?.direction === 'newer', end };
}

/**
 * The conditions and the order of a page, as SQL. `before` is the end of a page that goes back, and may be the start of
 * another one. It is not a condition beside the place, because PostgreSQL might begin the index scan of each record
 * there.
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

/** An expression: the place of a row as text, from its columns `created_at` and key. */
export function placeText(sql: Sql, kind: ListKind): Fragment {
  return sql`
    ${utcTextOf(sql, sql`created_at`)} || ',' || ${KEYS[kind].name(sql)}`;
}

/** Selects the FoundPage from a recursive CTE `page` with `place`, `size`, `record` and the places of its rows. */
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

/** The JSON of a page: its records under `name`, and the cursors `next` and `previous` if there are such pages. */
export function pageText(name: string, range: ReadRange, row: FoundPage | undefined): string {
  const cursors = Object.entries(row ? cursorsOf(range, row) : {});
  const tail = cursors.map(([way, place]) => `,"${way}":"${toCursor(range.kind, place, range.filters)}"`);
  return `{"${name}":[${row?.records ?? ''}]${tail.join('')}}`;
}

/**
 * Makes the cursors of a page. A page that was asked for by a cursor always has a neighbour on the side from which the
 * client came.
 */
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

/**
 * The place for the way back from an empty page. It is inclusive, because the previous page ended with the row at this
 * place.
 */
function turned({ direction, isInclusive, createdAt, key }: Place): Place {
  return { direction: direction === 'older' ? 'newer' : 'older', isInclusive: !isInclusive, createdAt, key };
}
