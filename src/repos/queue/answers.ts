import type { Answer } from '../../http/answer.js';
import type { Popped } from './repo.js';
import type { JobPage, WorkerPage } from './searches.js';
import type { ClaimedJob } from './sql/claim.js';
import type { CompletedJob } from './sql/completed-jobs.js';
import type { JobRow } from './sql/job-row.js';
import { formatLease } from './sql/lease.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The answer of a pop. It contains the text of each job as it was pushed; parsed and printed it might differ. */
export function popAnswer(pending: Promise<Popped>, preference: string | undefined): Promise<Answer> {
  return pending.then((popped) => poppedAnswer(popped, preference));
}

function poppedAnswer(
  { jobs, completed, retry_after_seconds }: Popped,
  preference: string | undefined,
): Answer {
  const rest = JSON.stringify({
    ...(completed.length > 0 && { completed }),
    ...(retry_after_seconds !== undefined && { retry_after_seconds }),
  });
  const tail = rest === '{}' ? '}' : `,${rest.slice(1)}`;
  return {
    status: 200,
    type: JSON_TYPE,
    body: `{"jobs":[${jobs.map(jobText).join(',')}]${tail}`,
    ...(preference && { headers: { 'preference-applied': preference } }),
  };
}

/** Written by hand, because `job` is sent as it was pushed. No other value has a character that JSON would escape. */
function jobText(job: ClaimedJob): string {
  const { id, attempts, max_attempts, queued_at, lease_expires_at, lease_seconds, max_run_seconds } = job;
  return (
    `{"id":"${id}","lease":"${formatLease(job)}","job":${job.job},"attempt":${attempts + 1},` +
    `"max_attempts":${max_attempts},"queued_at":"${queued_at}","lease_expires_at":"${lease_expires_at}"` +
    `,"lease_seconds":${lease_seconds}` +
    `${max_run_seconds === null ? '' : `,"max_run_seconds":${max_run_seconds}`}}`
  );
}

/** A page of jobs, with their texts as they were pushed. */
export async function jobsAnswer(pending: Promise<JobPage>): Promise<Answer> {
  const { jobs, next } = await pending;
  return withJobs({}, jobs, next);
}

/** A worker, with a page of the jobs that it runs. */
export async function workerAnswer(pending: Promise<WorkerPage>): Promise<Answer> {
  const { jobs, next, ...worker } = await pending;
  return withJobs(worker, jobs, next);
}

function withJobs(head: object, jobs: JobPage['jobs'], next: string | undefined): Answer {
  const begin = JSON.stringify(head).slice(0, -1);
  const tail = next === undefined ? '}' : `,"next":${JSON.stringify(next)}}`;
  // As bytes, because Node takes twice as long to send a string of this size.
  const body = Buffer.from(
    `${begin}${begin === '{' ? '' : ','}"jobs":[${jobs.map(recordText).join(',')}]${tail}`,
  );
  return { status: 200, type: JSON_TYPE, body };
}

export async function jobAnswer(pending: Promise<JobRow | CompletedJob>): Promise<Answer> {
  return { status: 200, type: JSON_TYPE, body: recordText(await pending) };
}

function recordText(row: JobRow | CompletedJob): string {
  return row.state === 'completed' ? completedText(row) : liveText(row);
}

function completedText(row: CompletedJob): string {
  const { unique_key, worker_id, running_since, last_error, completed_at, ran_seconds, result } = row;
  const text = textOf(row, {
    unique_key,
    worker_id,
    running_since,
    last_error,
    completed_at,
    ran_seconds,
  });
  return result === null ? text : `${text.slice(0, -1)},"result":${result}}`;
}

function liveText(row: JobRow): string {
  const { unique_key, ready_since, run_at, worker_id, running_since, last_heartbeat_at, lease_expires_at } =
    row;
  const { run_ends_at, last_error, died_at, cancel_requested } = row;
  return textOf(row, {
    unique_key,
    ready_since,
    run_at,
    worker_id,
    running_since,
    last_heartbeat_at,
    lease_expires_at,
    run_ends_at,
    last_error,
    died_at,
    cancel_requested: cancel_requested || null,
  });
}

/** The members that each job has, and those of `rest` that are not null. */
function textOf(row: JobRow | CompletedJob, rest: Record<string, unknown>): string {
  const { id, queue, state, job, priority, attempts, max_attempts, queued_at } = row;
  const head = JSON.stringify({ id, queue, state });
  const tail = JSON.stringify({
    priority,
    attempts,
    max_attempts,
    queued_at,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
  });
  return `${head.slice(0, -1)},"job":${job},${tail.slice(1)}`;
}
