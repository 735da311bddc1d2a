import type { Fragment, Sql } from '../../database/database.js';

/** The place in a table where a look begins: after the row with this key. `Kind.place` makes its members, as text. */
export type Place = string[];

export interface Look {
  after: Place;
  /** How many rows of a table are read. */
  size: number;
  /** RFC 3339 in UTC, or `infinity`. Rows younger than an hour are left out in any case. */
  olderThan: string;
}

/** How a kind of finding is found. Every statement reads by an index. */
export interface Finder {
  /** The place before the first row. */
  start: Place;
  /** The types of the members of a place. */
  members: readonly ('time' | 'hash' | 'text')[];
  /**
   * The CTEs `looked_at` and `found`. `looked_at` has the rows that were read, with `n` as their number. `found` has
   * the findings among them, with the columns of `looked_at` and `m` as their number.
   */
  looked: (sql: Sql, look: Look) => Fragment;
  /** An expression: the place of a row of `looked_at` or `found`, as a JSON array. */
  place: (sql: Sql) => Fragment;
  /** An expression: how a report shows a row of `found`, as JSON. */
  sample: (sql: Sql) => Fragment;
}

/**
 * An expression: rows made before this time are old enough. Younger ones may belong to an upload between two of its
 * requests.
 */
export function oldEnough(sql: Sql, { olderThan }: Pick<Look, 'olderThan'>): Fragment {
  return sql`least(${olderThan}::text::timestamptz, statement_timestamp() - interval '1 hour')`;
}

interface Looked {
  count: number;
  samples: object[];
  /** The place where the next look begins; null at the end. */
  last: Place | null;
}

/** Counts the findings of a look, and returns the first of them as samples. */
export function lookStatement(sql: Sql, { looked, place, sample }: Finder, look: Look, samples: number) {
  return sql<Looked[]>`
    with ${looked(sql, look)}
    select
      (select count(*) from found)::integer as count,
      coalesce((select json_agg(${sample(sql)} order by m) from found where m <= ${samples}), '[]') as samples,
      (select ${place(sql)} from looked_at where n = ${look.size}) as last`;
}

/** An expression: the place where the next pass begins if this one takes `limit` findings; null at the end. */
export function nextPlace(sql: Sql, { place }: Finder, { size }: Look, limit: number): Fragment {
  return sql`
    case
      when (select count(*) from found) > ${limit} then (select ${place(sql)} from found where m = ${limit})
      else (select ${place(sql)} from looked_at where n = ${size})
    end`;
}
