import { column } from '../../database/column.js';
import { runnable } from './part.js';
import { MAX_NAME, name, optionalText, text, time, UNKNOWN_TIME } from './values.js';

const MAX_JOB = 256 * 1024;
/** The attempts that pict-rs gives a job by default, and the most that the service allows. */
const RETRIES = 5;
const MAX_ATTEMPTS = 1000;

interface JobItem {
  id: string;
  queue: string;
  job: string;
  queuedAt: string;
  uniqueKey: string | undefined;
  attempts: number;
  maxAttempts: number;
}

interface JobRow {
  id: string;
  queue: string | null;
  job: string | null;
  queued_at: string | null;
  unique_key: string | null;
  retry: number | null;
}

export const jobQueue = runnable<JobRow, JobItem>({
  table: 'job_queue',
  isOrdered: true,
  batchRows: 250,
  read: ({ sql, has }, sample) => sql<JobRow[]>`
    select
      id::text, queue, left(job::text, ${MAX_JOB + 1}) as job,
      to_char(queue_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as queued_at,
      ${has('job_queue', 'unique_key') ? sql`unique_key` : sql`null`} as unique_key,
      ${has('job_queue', 'retry') ? sql`retry` : sql`null`} as retry
    from job_queue
    where ${sample('id')}
    order by queue_time, id`,
  keyOf: ({ id, queue }) => `${id} of ${queue}`,
  // A job that a worker of pict-rs is running is imported as ready: jobs run at least once.
  convert: ({ id, queue, job, queued_at, unique_key, retry }, onRepaired) => {
    const uniqueKey = optionalText(unique_key, MAX_NAME);
    if (unique_key !== null && uniqueKey === undefined) onRepaired(`the unique key of ${id}`, 'left out');
    // pict-rs counts `retry` down, usually from 5.
    const left = Math.min(Math.max(retry ?? RETRIES, 1), MAX_ATTEMPTS);
    return {
      id,
      queue: name(queue),
      job: text(job, MAX_JOB),
      queuedAt: time(queued_at) ?? UNKNOWN_TIME,
      uniqueKey,
      attempts: Math.max(RETRIES - left, 0),
      maxAttempts: Math.max(RETRIES, left),
    };
  },
  uniqueKey: ({ queue, uniqueKey }) => (uniqueKey === undefined ? undefined : `${queue}/${uniqueKey}`),
  write: (sql, items, adds) => sql`
    item as materialized (
      select
        n, id, queue, job, queued_at::timestamptz as queued_at, nullif(unique_key, '') as unique_key, attempts,
        max_attempts
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ id }) => id)}::uuid[]) as id,
          unnest(${items.map(({ queue }) => queue)}::text[]) collate "C" as queue,
          unnest(${items.map(({ job }) => job)}::text[]) as job,
          unnest(${items.map(({ queuedAt }) => queuedAt)}::text[]) as queued_at,
          unnest(${column(items, ({ uniqueKey }) => uniqueKey, '')}::text[]) collate "C" as unique_key,
          unnest(${items.map(({ attempts }) => attempts)}::integer[]) as attempts,
          unnest(${items.map(({ maxAttempts }) => maxAttempts)}::integer[]) as max_attempts
      ) as sent
    ),
    looked_up as materialized (
      select
        item.*,
        case
          when known.id is not null then
            case when known.queue = item.queue and known.job::text = item.job then 'existing' else 'differs' end
          -- An earlier run imported the job, and it has ended since.
          when (select true from job_ids where job_ids.id = item.id) then 'existing'
          when (select true from dead_jobs where dead_jobs.id = item.id) then 'existing'
          when (select true from jobs where jobs.queue = item.queue and jobs.unique_key = item.unique_key) then 'unique_key_used'
          else 'new'
        end as verdict
      from item
      left join jobs as known on known.id = item.id
    ),
    judged as materialized (
      select
        n, id, queue, job, queued_at, unique_key, attempts, max_attempts,
        -- The first new job of a unique key gets it.
        case
          when verdict = 'new'
            and unique_key is not null
            and row_number() over (partition by verdict, queue, unique_key order by n) > 1
          then 'unique_key_used'
          else verdict
        end as verdict
      from looked_up
    ),
    added as (
      insert into jobs (id, queue, job, queued_at, unique_key, attempts, max_attempts)
      select id, queue, job::json, queued_at, unique_key, attempts, max_attempts
      from judged
      where verdict = 'new' and ${adds}
      order by n
      on conflict do nothing
      returning id, queue as of_queue, job::text as job_text
    ),
    -- Remembers imported jobs, so that a later run does not push a completed job again.
    remembered as (
      insert into job_ids (id, queue, job_sha256)
      select id, of_queue, sha256(convert_to(job_text, 'UTF8'))
      from added
      order by id
      on conflict do nothing
    )`,
});
