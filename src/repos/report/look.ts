import type { Fragment, Sql } from '../../database/database.js';

/** Where a look begins: after the row with this key. Its members are texts, as `Kind.place` makes them. */
export type Place = string[];

export interface Look {
  after: Place;
  /** How many rows of a table are looked at. */
  size: number;
  /** RFC 3339 in UTC, or `infinity`. What is younger than an hour is spared anyway. */
  olderThan: string;
}

/** How something is found that should be cleaned. Every part reads by an index. */
export interface Finder {
  /** Before the first row. */
  start: Place;
  /** What the members of a place are. */
  members: readonly ('time' | 'hash' | 'text')[];
  /**
   * The CTEs `looked_at`, with the number `n` of each row in its order, and `found`, with the columns of that and the number `m` of
   * each thing that was found.
   */
  looked: (sql: Sql, look: Look) => Fragment;
  /** An expression: the place of a row of `looked_at` or of `found`, a JSON array. */
  place: (sql: Sql) => Fragment;
  /** An expression: what a report shows of a row of `found`, as JSON. */
  sample: (sql: Sql) => Fragment;
}

/** An expression: what was made before is old enough, as an upload may be between two calls. */
export function oldEnough(sql: Sql, { olderThan }: Pick<Look, 'olderThan'>): Fragment {
  return sql`least(${olderThan}::text::timestamptz, statement_timestamp() - interval '1 hour')`;
}

interface Looked {
  count: number;
  samples: object[];
  /** Where the next look begins; null at the end. */
  last: Place | null;
}

/** Counts what a look finds, and shows the first of it. */
export function lookStatement(sql: Sql, { looked, place, sample }: Finder, look: Look, samples: number) {
  return sql<Looked[]>`
    with ${looked(sql, look)}
    select
      (select count(*) from found)::integer as count,
      coalesce((select json_agg(${sample(sql)} order by m) from found where m <= ${samples}), '[]') as samples,
      (select ${place(sql)} from looked_at where n = ${look.size}) as last`;
}

/** An expression: where the next pass begins that takes `limit` of what was found; null at the end. */
export function nextPlace(sql: Sql, { place }: Finder, { size }: Look, limit: number): Fragment {
  return sql`
    case
      when (select count(*) from found) > ${limit} then (select ${place(sql)} from found where m = ${limit})
      else (select ${place(sql)} from looked_at where n = ${size})
    end`;
}
