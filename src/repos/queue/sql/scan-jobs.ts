import type { Fragment, Sql } from '../../../database/database.js';
import { readableOf, storedSize } from './fitting-page.js';
import { type JobFilter, matchesFilter } from './job-filter.js';
import { MIN_PRIORITY } from './queue-position.js';

/**
 * The parts in which jobs are searched, one after the other. Each has an index of its own. `keyed` has the live jobs
 * with a unique key: at most one in each queue. `newest` has the dead jobs of a queue, from the newest to the oldest.
 */
export type Part = 'running' | 'ready' | 'scheduled' | 'keyed' | 'dead' | 'newest';

/** The place of a job; a search goes on after it. The priority counts among ready jobs only. */
export interface Place {
  part: Part;
  queue: string;
  priority: number;
  seq: string;
}

/**
 * How many jobs of a part a statement looks at, at most. A search in payloads looks at fewer jobs if the payloads are
 * long.
 */
export const MAX_SCANNED = 10_000;

/** Above every `seq` that a cursor can have. */
const MAX_SEQ = '1000000000000000000';

/** The parts where the filter may find jobs, in their order. */
export function partsOf({ state, worker, unique_key, order }: JobFilter): Part[] {
  if (state === 'dead') return worker === undefined ? [order ?? 'dead'] : [];
  if (worker !== undefined && state !== undefined && state !== 'running') return [];
  if (unique_key !== undefined)
    return state === undefined && worker === undefined ? ['keyed', 'dead'] : ['keyed'];
  if (worker !== undefined) return ['running'];
  return state === undefined ? ['running', 'ready', 'scheduled', 'dead'] : [state];
}

export function tableOf(part: Part): 'jobs' | 'dead_jobs' {
  return part === 'dead' || part === 'newest' ? 'dead_jobs' : 'jobs';
}

/** The columns of the order of a part. */
export function placeColumns(sql: Sql, part: Part): Fragment {
  return part === 'ready' ? sql`queue, priority, seq` : sql`queue, seq`;
}

/** The order of the jobs of a part. */
export function orderOf(sql: Sql, part: Part): Fragment {
  return part === 'newest' ? sql`queue, seq desc` : placeColumns(sql, part);
}

/**
 * The CTEs that look for jobs in one part, behind a place:
 *
 * - `page`: the first `most` jobs that match the filter: where each lies in its table (`at`), its id, place and stored size;
 * - `reached`: the last job that was looked at, if the page is not full and more jobs may follow; otherwise no row.
 *
 * No text is read but the errors and payloads, where they are searched.
 */
export function scanPart(sql: Sql, part: Part, filter: JobFilter, after: Place | undefined, most: number) {
  const order = orderOf(sql, part);
  const rows = part === 'keyed' ? keyedJobs(sql, filter, after) : jobsOfPart(sql, part, filter, after);
  if (filter.payload !== undefined) return scanPayloads(sql, part, filter, rows, most);
  return sql`
    page as materialized (
      select at, id, queue, priority, seq, ${storedSize(sql)} as stored
      from (${rows} order by ${order} limit ${MAX_SCANNED}) as scanned
      where ${matchesFilter(sql, filter)}
      order by ${order}
      limit ${most}
    ),
    reached as materialized (
      select queue, priority, seq
      from (${rows} order by ${order} offset ${MAX_SCANNED - 1} limit 1) as last
      where (select count(*) from page) < ${most}
    )`;
}

/** The same for a search in payloads. They may be long, so it first decides how many can be read. */
function scanPayloads(sql: Sql, part: Part, filter: JobFilter, rows: Fragment, most: number): Fragment {
  const order = orderOf(sql, part);
  const first = sql`${rows} order by ${order} limit ${MAX_SCANNED}`;
  return sql`
    ${readableOf(sql, first, sql`at, queue, priority, seq`, order)},
    page as materialized (
      select ctid as at, id, queue, priority, seq, ${storedSize(sql)} as stored
      from ${sql(tableOf(part))}
      where ctid = any(array(select at from looked))
        and ${matchesFilter(sql, filter)}
      order by ${order}
      limit ${most}
    ),
    reached as materialized (
      select queue, priority, seq
      from looked
      where (scanned = ${MAX_SCANNED} or scanned > (select count(*) from looked))
        and (select count(*) from page) < ${most}
      order by place desc
      limit 1
    )`;
}

/** The states are constants in the text, because each has a partial index of its own. */
function jobsOfPart(
  sql: Sql,
  part: Exclude<Part, 'keyed'>,
  { queue, worker }: JobFilter,
  after: Place | undefined,
): Fragment {
  const { priority, seq } = after ?? { priority: MIN_PRIORITY, seq: part === 'newest' ? MAX_SEQ : '0' };
  const states = {
    running: sql`state = 'running'`,
    ready: sql`state = 'ready'`,
    scheduled: sql`state = 'scheduled'`,
  };
  const [key, place] =
    part === 'ready'
      ? [sql`priority, seq`, sql`${priority}::smallint, ${seq}::text::bigint`]
      : [sql`seq`, sql`${seq}::text::bigint`];
  const isOfQueue = sql`queue = ${queue ?? ''}::text`;
  const columns = sql`ctid as at, id, queue, priority, seq, job, unique_key, last_error`;
  const dead = sql`select ${columns}, null::text as worker_id from dead_jobs`;
  if (part === 'newest') return sql`${dead} where ${isOfQueue} and ${key} < ${place}`;
  const behind =
    queue === undefined
      ? sql`(queue, ${key}) > (${after?.queue ?? ''}::text, ${place})`
      : sql`${isOfQueue} and (${key}) > (${place})`;
  if (part === 'dead') return sql`${dead} where ${behind}`;
  const ofWorker = worker === undefined ? sql`true` : sql`worker_id = ${worker}::text`;
  return sql`select ${columns}, worker_id from jobs where ${states[part]} and ${ofWorker} and ${behind}`;
}

/** The live jobs with a unique key. Without a queue, each queue that has such jobs is looked up by itself. */
function keyedJobs(
  sql: Sql,
  { queue, state, unique_key = '' }: JobFilter,
  after: Place | undefined,
): Fragment {
  const queues =
    queue === undefined
      ? sql`
        with recursive queues as (
          select (
            select jobs.queue
            from jobs
            where unique_key is not null
              and jobs.queue > ${after?.queue ?? ''}::text
            order by jobs.queue
            limit 1
          ) as queue
          union all
          select (
            select jobs.queue
            from jobs
            where unique_key is not null
              and jobs.queue > queues.queue
            order by jobs.queue
            limit 1
          )
          from queues
          where queues.queue is not null
        )
        select queue
        from queues
        where queue is not null`
      : sql`select ${queue}::text as queue where ${queue}::text > ${after?.queue ?? ''}::text`;
  return sql`
    select ctid as at, id, queue, priority, seq, job, unique_key, last_error, worker_id
    from jobs
    where ctid = any(array(
      select named.at
      from (${queues}) as of_each
      cross join lateral (
        select ctid as at
        from jobs
        where jobs.queue = of_each.queue
          and jobs.unique_key = ${unique_key}::text
        offset 0
      ) as named
    ))
    and ${state === undefined ? sql`true` : sql`state = ${state}::text`}`;
}
