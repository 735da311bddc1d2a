import { Problem } from '../../../problems.js';
import type { JobToInsert } from '../sql/job-to-insert.js';

/** Whether two jobs with the same id are different: in different queues, or with different bytes. */
export function isDifferent(job: JobToInsert, namesake: JobToInsert | undefined): boolean {
  return namesake !== undefined && (job.queue !== namesake.queue || job.job !== namesake.job);
}

export function idUsed(id: string): Problem {
  return new Problem(
    'job_id_used',
    `The id ${id} was given to another job: in another queue, or with other bytes.`,
  );
}

/** @throws Problem 409 `job_id_used` where two of the jobs have the same id, but are different */
export function refuseClashingIds(jobs: JobToInsert[]): void {
  const firsts = new Map<string, JobToInsert>();
  for (const job of jobs) {
    const first = firsts.get(job.id);
    if (isDifferent(job, first)) throw idUsed(job.id);
    if (!first) firsts.set(job.id, job);
  }
}
