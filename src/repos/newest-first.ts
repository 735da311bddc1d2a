import type { Database, Fragment, Sql } from '../database/database.js';
import { constant, NOTHING } from '../database/driver/constant.js';
import { MAX_ANSWER_BYTES } from './bounded.js';
import { type ListKind, type Place, readCursor, toCursor } from './cursor.js';
import { bytes, utcOf } from './values.js';

/** Which page of a list. */
export interface PageRange {
  before?: string;
  cursor?: string;
  limit?: number;
  /** Aborted if the client has disconnected. */
  signal?: AbortSignal;
}

/** A list of the rows of a table that has an index on `created_at` and its key. */
interface List {
  kind: ListKind;
  /** A condition on the rows. */
  where: (sql: Sql) => Fragment;
  /** An expression: the JSON text of a row. */
  record: (sql: Sql) => Fragment;
}

const DEFAULT_LIMIT = 100;

const KINDS = {
  hash: {
    table: 'hashes',
    name: constant((sql) => sql`encode(hash, 'hex')`),
    value: (key: string) => bytes(key),
  },
  alias: { table: 'aliases', name: constant((sql) => sql`alias`), value: (key: string) => key },
} as const;

interface PageOfRecords {
  records: string | null;
  count: number;
  /** The places of the first and the last record of the page. */
  first: string | null;
  last: string | null;
  has_more: boolean;
}

/**
 * A page of a list with the newest first. A recursive CTE reads one record after the other by an index, until there are
 * enough of them or they exceed MAX_ANSWER_BYTES. So every page costs as much as the first, and nothing is read that is
 * not sent.
 *
 * @returns JSON: the records under `name`, and the cursors `next` and `previous` if there are such pages
 */
export async function newestFirst(
  db: Database,
  name: string,
  { kind, where, record }: List,
  { before, cursor, limit = DEFAULT_LIMIT, signal }: PageRange,
): Promise<string> {
  const place = cursor === undefined ? undefined : readCursor(kind, cursor);
  const isBack = place?.direction === 'newer';
  const { table, name: keyText, value } = KINDS[kind];
  // `before` is the end of a page that goes back, and may be the start of another one. It is not a condition beside the
  // place, because PostgreSQL might begin each index scan there.
  const end = before === undefined ? 'infinity' : utcOf(before);
  const isFromEnd = !isBack && (place === undefined || end <= place.createdAt);
  const [row] = await db.run(
    (sql) => {
      const key = sql(kind);
      const operator = isBack ? sql`>` : sql`<`;
      const order = isBack ? sql`asc` : sql`desc`;
      const untilEnd = isBack ? sql`and created_at < ${end}::text::timestamptz` : NOTHING(sql);
      const step = (beyond: Fragment) => sql`
        select created_at, ${key}, ${record(sql)} as record
        from ${sql(table)}
        where ${where(sql)}
          and (created_at, ${key}) ${beyond}
          ${untilEnd}
        order by created_at ${order}, ${key} ${order}
        limit 1`;
      const start =
        place && !isFromEnd
          ? sql`${place.isInclusive ? sql`${operator}=` : operator} (${place.createdAt}::text::timestamptz, ${value(place.key)})`
          : sql`< (${end}::text::timestamptz, ${value('')})`;
      return sql<PageOfRecords[]>`
        with recursive page as (
          select created_at, ${key}, record, 1 as place, octet_length(record) as size
          from (${step(start)}) as nearest
          union all
          select next.created_at, next.${key}, next.record, page.place + 1, page.size + octet_length(next.record)
          from page
          cross join lateral (${step(sql`${operator} (page.created_at, page.${key})`)}) as next
          where page.place <= ${limit}
            and page.size <= ${MAX_ANSWER_BYTES}
        ),
        shown as (
          select
            place,
            record,
            to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ',' || ${keyText(sql)} as at
          from page
          where place <= ${limit}
            and (place = 1 or size <= ${MAX_ANSWER_BYTES})
        )
        select
          string_agg(record, ',' order by place ${isBack ? sql`desc` : sql`asc`}) as records,
          count(*)::integer as count,
          (array_agg(at order by place))[1] as first,
          (array_agg(at order by place desc))[1] as last,
          (select count(*) from page) > count(*) as has_more
        from shown`;
    },
    { class: 'bulk', signal },
  );
  const cursors = row ? cursorsOf(kind, place, isBack, row) : {};
  return `{"${name}":[${row?.records ?? ''}]${tail(cursors)}}`;
}

/**
 * Makes the cursors of a page. A page that was asked for by a cursor has a neighbour on the side from which the client
 * came.
 */
function cursorsOf(kind: ListKind, place: Place | undefined, isBack: boolean, row: PageOfRecords) {
  const { first, last, has_more } = row;
  const onwards = has_more && last !== null ? placeOf(last, isBack ? 'newer' : 'older') : undefined;
  const backwards = place && (first === null ? turned(place) : placeOf(first, isBack ? 'older' : 'newer'));
  const [next, previous] = isBack ? [backwards, onwards] : [onwards, backwards];
  return {
    ...(next && { next: toCursor(kind, next) }),
    ...(previous && { previous: toCursor(kind, previous) }),
  };
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

function tail(cursors: { next?: string; previous?: string }): string {
  return Object.entries(cursors)
    .map(([name, cursor]) => `,"${name}":"${cursor}"`)
    .join('');
}
