import type { Answer } from '../../http/answer.js';
import type { ClaimedJob } from './claim.js';
import { formatLease } from './lease.js';
import type { Popped } from './repo.js';

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
    type: 'application/json; charset=utf-8',
    body: `{"jobs":[${jobs.map(jobText).join(',')}]${tail}`,
    ...(preference && { headers: { 'preference-applied': preference } }),
  };
}

function jobText(job: ClaimedJob): string {
  const { id, attempts, max_attempts, queued_at, lease_expires_at } = job;
  const head = JSON.stringify({ id, lease: formatLease(job) });
  const tail = JSON.stringify({ attempt: attempts + 1, max_attempts, queued_at, lease_expires_at });
  return `${head.slice(0, -1)},"job":${job.job},${tail.slice(1)}`;
}

/** The wait that a `Prefer: wait=N` header (RFC 7240) asks for, and what to answer where it is granted. */
export function preferredWait(
  prefer: string | string[] | undefined,
): { seconds: number; applied: string } | undefined {
  const [, digits] =
    /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec([prefer ?? []].flat().join(',')) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Math.min(Number(digits), LONGEST_WAIT_SECONDS);
  return { seconds, applied: `wait=${seconds}` };
}

const LONGEST_WAIT_SECONDS = 55;
