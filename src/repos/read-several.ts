import Type, { type TSchema } from 'typebox';
import type { Database, Fragment, Sql } from '../database/database.js';
import type { ProblemCode } from '../problems.js';
import { batch, component } from '../schema.js';
import { Hash, orNull } from './values.js';

export const HashesBody = component(
  'Hashes',
  Type.Object({ hashes: batch(Hash, 1000, 'Each gets its own result.') }, { additionalProperties: false }),
);

/** The limit of a body with 1,000 hashes of 64 bytes, including quotes and commas. */
export const HASHES_BYTES: [number, ProblemCode] = [160 * 1024, 'batch_too_large'];

/** The answer for several keys. */
export function resultsOf(record: TSchema, [key, keys] = ['hash', 'hashes']) {
  return Type.Object({
    results: Type.Array(orNull(record), {
      description: `One for each ${key}, in their order; null if there is no such ${key}.`,
    }),
    more: Type.Optional(
      Type.Literal(true, {
        description: `There are fewer results than ${keys}, because all would exceed 8 MiB: ask again for the rest.`,
      }),
    ),
  });
}

/** The limit of the records of an answer. A single record may be larger. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

interface AnswerRow {
  records: string | null;
  count: number;
}

/**
 * Reads the records of `count` keys, in their order, until they exceed MAX_ANSWER_BYTES. A recursive CTE makes one
 * record after the other, so nothing is read that is not sent.
 *
 * @param recordAt an expression: the JSON text of the nth record, counted from 1; null if there is none
 * @param signal aborted if the client has disconnected
 * @returns JSON: `results`, and `more` if there are fewer results than keys
 */
export async function readSeveral(
  db: Database,
  count: number,
  recordAt: (sql: Sql, n: Fragment) => Fragment,
  signal?: AbortSignal,
): Promise<string> {
  if (count === 0) return '{"results":[]}';
  const [row] = await db.run(
    (sql) => sql<AnswerRow[]>`
      with recursive answer as (
        select 1 as place, record, octet_length(record) as size
        from (select coalesce(${recordAt(sql, sql`1`)}, 'null') as record offset 0) as first
        union all
        select answer.place + 1, next.record, answer.size + octet_length(next.record)
        from answer
        cross join lateral (
          select coalesce(${recordAt(sql, sql`answer.place + 1`)}, 'null') as record
          offset 0
        ) as next
        where answer.place < ${count}
          and answer.size <= ${MAX_ANSWER_BYTES}
      )
      select string_agg(record, ',' order by place) as records, count(*)::integer as count
      from answer
      where place = 1
        or size <= ${MAX_ANSWER_BYTES}`,
    { class: 'bulk', signal },
  );
  const hasMore = (row?.count ?? 0) < count;
  return `{"results":[${row?.records ?? ''}]${hasMore ? ',"more":true' : ''}}`;
}
