import { createHash } from 'node:crypto';
import type { Database, Fragment, Sql } from '../../../database/database.js';
import type { JobToInsert } from './job-to-insert.js';

interface ExistingJob {
  /** Null if there is none. */
  id: string | null;
  /** The delivery of a job that runs for a poll without an idempotency key. */
  delivery: string | null;
  /** The id belongs to a different job: in another queue, or with other bytes. */
  isDifferent: boolean;
}

/** For each of the jobs the one that has its id, or its unique key. */
export function findExistingJobs(db: Database, jobs: JobToInsert[]): Promise<ExistingJob[]> {
  return db.run((sql) => sql<ExistingJob[]>`${existingJobs(sql, jobs)} order by n`);
}

export function existingJobs(sql: Sql, jobs: JobToInsert[]): Fragment {
  return sql`
      select
        n,
        coalesce(known.id, (
          select id
          from jobs
          where jobs.queue = requested.queue
            and jobs.unique_key = requested.unique_key
        ))::text as id,
        known.delivery::text as delivery,
        coalesce((known.queue, known.job_sha256) <> (requested.queue, requested.job_sha256), false) as "isDifferent"
      from (
        select
          generate_series(1, ${jobs.length}::integer) as n,
          unnest(${jobs.map(({ id }) => id)}::uuid[]) as id,
          unnest(${jobs.map(({ queue }) => queue)}::text[]) as queue,
          unnest(${jobs.map(({ unique_key }) => unique_key ?? '')}::text[]) as unique_key,
          decode(unnest(${jobs.map(({ job }) => sha256(job))}::text[]), 'hex') as job_sha256
      ) as requested
      left join lateral (
        select id, queue, sha256(convert_to(job::text, 'UTF8')) as job_sha256,
          case when idempotency_key is null then delivery end as delivery
        from jobs
        where jobs.id = requested.id
        union all
        select id, queue, sha256(convert_to(job::text, 'UTF8')), null
        from dead_jobs
        where dead_jobs.id = requested.id
        union all
        select id, queue, job_sha256, null
        from job_ids
        where job_ids.id = requested.id
        limit 1
      ) as known on true`;
}

function sha256(job: string): string {
  return createHash('sha256').update(job).digest('hex');
}
