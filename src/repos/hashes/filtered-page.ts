import type { Database, Fragment, Sql } from '../../database/database.js';
import { NOTHING } from '../../database/driver/constant.js';
import { filtersDigest } from '../cursor.js';
import { isLiveRow } from '../doomed.js';
import { FORMATS, type Format, UNKNOWN } from '../formats.js';
import {
  DEFAULT_LIMIT,
  type FoundPage,
  foundPage,
  type PageRange,
  pageText,
  placeText,
  type ReadRange,
  rangeSql,
  readRange,
} from '../page-range.js';
import { MAX_ANSWER_BYTES } from '../read-several.js';
import { LOOKED_AT } from '../scanned-pages.js';
import { utcOf } from '../values.js';

/** The filters of a list of contents. */
export interface Filters {
  format?: Format;
  owner?: string;
  without_alias?: boolean;
  since?: string;
}

/** Identifies these filters in cursors, however the request writes them; empty without filters. */
function nameOf({ format, owner, without_alias: withoutAlias = false, since }: Filters): string {
  const given = [format, owner, withoutAlias || undefined, since === undefined ? undefined : utcOf(since)];
  return given.every((filter) => filter === undefined) ? '' : filtersDigest(given);
}

export function isFiltered(filters: Filters): boolean {
  return nameOf(filters) !== '';
}

/**
 * A page of the contents that match, the newest first, as JSON. It reads LOOKED_AT contents at most, so that it is
 * quick: a page may be short or empty and still have a next one. The contents of an owner with at most LOOKED_AT
 * aliases are found by these aliases. An owner with more has so many contents that reading all contents finds some of
 * them.
 *
 * @param record an expression: the JSON text of a row of `hashes`
 */
export async function filteredPage(
  db: Database,
  filters: Filters,
  { limit = DEFAULT_LIMIT, signal, ...asked }: PageRange,
  record: (sql: Sql) => Fragment,
): Promise<string> {
  const range = readRange('hash', asked, nameOf(filters));
  // A content has an owner only through an alias, so both filters together match nothing.
  if (filters.without_alias && filters.owner !== undefined) return pageText('hashes', range, undefined);
  const [row] = await db.run((sql) => pageStatement(sql, filters, range, limit, record(sql)), {
    class: 'bulk',
    signal,
  });
  return pageText('hashes', range, row);
}

function pageStatement(sql: Sql, filters: Filters, range: ReadRange, limit: number, record: Fragment) {
  const { owner, since } = filters;
  const { order, start, untilEnd } = rangeSql(sql, range);
  const inOrder = sql`order by created_at ${order}, hash ${order}`;
  // On the way back the place of the cursor is not earlier than `since`, and the index scan must begin there.
  const fromSince =
    since === undefined || range.isBack
      ? NOTHING(sql)
      : sql`and created_at >= ${utcOf(since)}::text::timestamptz`;
  const isWithin = sql`(created_at, hash) ${start} ${untilEnd} ${fromSince}`;
  const hasMany = sql`(select count(*) > ${LOOKED_AT} from of_owner)`;
  const all = sql`
    select created_at, hash
    from hashes
    where ${isWithin}
      ${owner === undefined ? NOTHING(sql) : sql`and ${hasMany}`}
    ${inOrder}`;
  const lookedAt = sql`${all} limit ${LOOKED_AT}`;
  const few = sql`
    select created_at, hash
    from (
      select created_at, hash
      from hashes
      where hash = any(array(select hash from of_owner where not ${hasMany}))
        and doomed_at is null
      offset 0
    ) as owned
    where ${isWithin}`;
  const ofOwner =
    owner === undefined
      ? NOTHING(sql)
      : sql`
        of_owner as materialized (
          select hash
          from aliases
          where owner = ${owner}
          order by owner, hash
          limit ${LOOKED_AT + 1}
        ),`;
  const recordAt = (n: Fragment) => sql`
    select created_at, hash, ${record} as record
    from hashes
    where hash = (select array_agg(hash ${inOrder}) from found)[${n}]`;
  return sql<FoundPage[]>`
    with recursive ${ofOwner}
    found as materialized (
      select created_at, hash
      from (${owner === undefined ? lookedAt : sql`(${lookedAt}) union all (${few})`}) as looked_at
      where ${isLiveRow(sql)}
        ${fits(sql, filters)}
      ${inOrder}
      limit ${limit + 1}
    ),
    page as (
      select created_at, hash, record, 1 as place, octet_length(record) as size
      from (${recordAt(sql`1`)}) as nearest
      union all
      select next.created_at, next.hash, next.record, page.place + 1, page.size + octet_length(next.record)
      from page
      cross join lateral (${recordAt(sql`page.place + 1`)}) as next
      where page.place <= ${limit}
        and page.size <= ${MAX_ANSWER_BYTES}
    )
    select
      records,
      count,
      first,
      last,
      has_more,
      case
        when not has_more then (select ${placeText(sql, 'hash')} from (${all} limit 1 offset ${LOOKED_AT - 1}) as last_looked_at)
      end as looked_until
    from (${foundPage(sql, range, limit)}) as found_page`;
}

/** A condition on a row with a column `hash`: it matches the filters. */
function fits(sql: Sql, { format, owner, without_alias: withoutAlias = false }: Filters): Fragment {
  // Only hashes of pict-rs have exactly one byte after the 38th.
  const bytesOf = FORMATS.map((_, byte) => byte.toString(16).padStart(2, '0'));
  const [isNot, formats] =
    format === UNKNOWN
      ? [sql`not`, bytesOf]
      : [NOTHING(sql), bytesOf.filter((_, n) => FORMATS[n] === format)];
  return sql`
    ${format === undefined ? NOTHING(sql) : sql`and ${isNot} encode(substring(hash from 39), 'hex') = any(${formats}::text[])`}
    ${withoutAlias ? sql`and (select true from aliases where aliases.hash = looked_at.hash limit 1) is null` : NOTHING(sql)}
    ${owner === undefined ? NOTHING(sql) : sql`and (select true from aliases where owner = ${owner} and aliases.hash = looked_at.hash limit 1)`}`;
}
