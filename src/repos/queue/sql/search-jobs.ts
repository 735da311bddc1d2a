import type { Database } from '../../../database/database.js';
import { NOTHING } from '../../../database/driver/constant.js';
import { fittingOf } from './fitting-page.js';
import type { JobFilter } from './job-filter.js';
import { type JobRow, selectDead, selectLive } from './job-row.js';
import { MAX_PAGE_BYTES } from './list-jobs.js';
import { MIN_PRIORITY } from './queue-position.js';
import { orderOf, type Part, type Place, partsOf, placeColumns, scanPart, tableOf } from './scan-jobs.js';

type FoundRow = JobRow & { seq: string };

/** A row of a job; or, without a job, the row that says where the page ended. */
interface Row extends Omit<FoundRow, 'id'> {
  id: string | null;
  found: number;
  reached: Omit<Place, 'part'> | null;
}

interface Found<Item> {
  items: Item[];
  /** Where the search goes on; undefined at its end. */
  next: Place | undefined;
}

/**
 * A page of the jobs that match a filter: part by part, in each by queue, and there in the order in which they are
 * handed out or have arrived. It may have fewer jobs than `limit`, or none, and still a `next`, because a statement
 * looks at a bounded number of jobs.
 */
export async function searchJobs(
  db: Database,
  filter: JobFilter,
  after: Place | undefined,
  limit: number,
  signal?: AbortSignal,
): Promise<Found<JobRow>> {
  const jobs: FoundRow[] = [];
  let bytes = 0;
  for (const part of partsFrom(filter, after)) {
    const place = after?.part === part ? after : undefined;
    const found = await searchPart(
      db,
      part,
      filter,
      place,
      limit - jobs.length,
      MAX_PAGE_BYTES - bytes,
      signal,
    );
    jobs.push(...found.items);
    if (found.next) return { items: jobs, next: found.next };
    for (const { job, last_error } of found.items) bytes += job.length + (last_error?.length ?? 0);
    const last = jobs.at(-1);
    // What is left of the other parts is found by the next page.
    if (last && (jobs.length >= limit || bytes >= MAX_PAGE_BYTES))
      return { items: jobs, next: placeOf(part, last) };
  }
  return { items: jobs, next: undefined };
}

/** The ids of the next jobs that match a filter. */
export async function searchIds(
  db: Database,
  filter: JobFilter,
  after: Place | undefined,
  limit: number,
): Promise<Found<string>> {
  const [part] = partsFrom(filter, after);
  if (!part) return { items: [], next: undefined };
  const place = after?.part === part ? after : undefined;
  const rows = await db.run(
    (sql) => sql<({ id: string } & Omit<Place, 'part'> & { reached: Omit<Place, 'part'> | null })[]>`
      with ${scanPart(sql, part, filter, place, limit)}
      select id::text as id, queue, priority, seq::text as seq, null::json as reached
      from page
      union all
      select null, null, null, null, json_build_object('queue', queue, 'priority', priority, 'seq', seq::text)
      from reached`,
    { class: 'bulk' },
  );
  const items = rows.filter(({ id }) => id !== null);
  const last = items.at(-1);
  const reached = rows.find((row) => row.reached !== null)?.reached;
  const next =
    items.length >= limit && last ? placeOf(part, last) : reached ? placeOf(part, reached) : undefined;
  if (next) return { items: items.map(({ id }) => id), next };
  const parts = partsOf(filter);
  const following = parts[parts.indexOf(part) + 1];
  return { items: items.map(({ id }) => id), next: following && startOf(following) };
}

function partsFrom(filter: JobFilter, after: Place | undefined): Part[] {
  const parts = partsOf(filter);
  return after ? parts.slice(Math.max(parts.indexOf(after.part), 0)) : parts;
}

async function searchPart(
  db: Database,
  part: Part,
  filter: JobFilter,
  after: Place | undefined,
  limit: number,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Found<FoundRow>> {
  const rows = await db.run(
    (sql) => {
      const order = orderOf(sql, part);
      return sql<Row[]>`
        with ${scanPart(sql, part, filter, after, limit + 1)},
        ${fittingOf(sql, tableOf(part), order, limit, maxBytes, placeColumns(sql, part))}
        select
          shown.*,
          shown.seq::text as seq,
          (select count(*) from page)::integer as found,
          (
            select json_build_object('queue', queue, 'priority', priority, 'seq', seq::text)
            from reached
          ) as reached
        from (select true) as always
        left join (
          ${tableOf(part) === 'dead_jobs' ? selectDead(sql) : selectLive(sql)}
          where ctid = any(array(select at from fitting))
        ) as shown on true
        order by shown.queue, ${part === 'ready' ? sql`shown.priority,` : NOTHING(sql)} ${part === 'newest' ? sql`shown.seq desc` : sql`shown.seq`}`;
    },
    { class: 'bulk', signal },
  );
  const items = rows.filter((row): row is Row & FoundRow => row.id !== null);
  const last = items.at(-1);
  const { found = 0, reached } = rows[0] ?? {};
  if (last && found > items.length) return { items, next: placeOf(part, last) };
  return { items, next: reached ? placeOf(part, reached) : undefined };
}

function placeOf(part: Part, { queue, priority, seq }: Omit<Place, 'part'>): Place {
  return { part, queue, priority, seq };
}

/** Before the first job of a part. */
function startOf(part: Part): Place {
  return { part, queue: '', priority: MIN_PRIORITY, seq: '0' };
}
