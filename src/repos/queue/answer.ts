import type { Answer } from '../../http/answer.js';
import type { ClaimedJob } from './claim.js';
import type { JobRow } from './jobs.js';
import { formatLease } from './lease.js';
import type { Popped } from './repo.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Pop's answer. The job's text goes in as it is: parsed and printed again it would not be what was pushed. */
export async function popAnswer(pending: Promise<Popped>, preference: string | undefined): Promise<Answer> {
  const { jobs, completed, retry_after_seconds } = await pending;
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

/** Nothing but the job has a character that JSON would escape. */
function jobText(job: ClaimedJob): string {
  const { id, attempts, max_attempts, queued_at, lease_expires_at } = job;
  return (
    `{"id":"${id}","lease":"${formatLease(job)}","job":${job.job},"attempt":${attempts + 1},` +
    `"max_attempts":${max_attempts},"queued_at":"${queued_at}","lease_expires_at":"${lease_expires_at}"}`
  );
}

/** A page of jobs, or one, with their texts as they are. */
export async function jobsAnswer(
  pending: Promise<{ jobs: JobRow[]; next: string | undefined }>,
): Promise<Answer> {
  const { jobs, next } = await pending;
  const tail = next === undefined ? '}' : `,"next":${JSON.stringify(next)}}`;
  // As bytes: a text of this size takes node twice as long to send.
  const body = Buffer.from(`{"jobs":[${jobs.map(recordText).join(',')}]${tail}`);
  return { status: 200, type: JSON_TYPE, body };
}

export async function jobAnswer(pending: Promise<JobRow>): Promise<Answer> {
  return { status: 200, type: JSON_TYPE, body: recordText(await pending) };
}

/** Without what is null or of no interest for the state. */
function recordText(row: JobRow): string {
  const { id, queue, state, job, cancel_requested, priority, attempts, max_attempts, queued_at } = row;
  const { unique_key, run_at, worker_id, lease_expires_at, last_error, died_at } = row;
  const rest = { unique_key, run_at, worker_id, lease_expires_at, last_error, died_at };
  const head = JSON.stringify({ id, queue, state });
  const tail = JSON.stringify({
    priority,
    attempts,
    max_attempts,
    queued_at,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
    ...(cancel_requested && { cancel_requested }),
  });
  return `${head.slice(0, -1)},"job":${job},${tail.slice(1)}`;
}

/** The wait that a `Prefer: wait=N` header (RFC 7240) asks for, and what to answer where it is granted. */
export function preferredWait(
  prefer: string | string[] | undefined,
): { seconds: number; applied: string } | undefined {
  if (prefer === undefined) return undefined;
  const [, digits] =
    /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec([prefer].flat().join(',')) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Math.min(Number(digits), LONGEST_WAIT_SECONDS);
  return { seconds, applied: `wait=${seconds}` };
}

const LONGEST_WAIT_SECONDS = 55;
