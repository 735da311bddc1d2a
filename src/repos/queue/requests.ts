import type { Static } from 'typebox';
import { Problem, problems } from '../../problems.js';
import { utcOf } from '../values.js';
import type { Choice } from './job-actions.js';
import { JOB_BYTES, type NewJobBody } from './schema.js';
import type { NewJob } from './sql/job-to-insert.js';

/** The job to push, from a validated body. */
export function newJob(queue: string, body: Static<typeof NewJobBody>): NewJob {
  if (Buffer.byteLength(body.job) > JOB_BYTES) {
    throw new Problem('job_too_large', `${problems.job_too_large.title}.`);
  }
  return { ...body, queue, run_at: body.run_at === undefined ? undefined : utcOf(body.run_at) };
}

interface ChoiceBody extends Omit<Matching, 'match'> {
  ids?: string[];
  match?: Matching['match'];
}
type Matching = Extract<Choice, { match: object }>;

/** Which jobs are chosen, from a validated body, which has either ids or a match. */
export function choiceOf({ ids, match = {}, ...rest }: ChoiceBody): Choice {
  return ids === undefined ? { match, ...rest } : { ids, ...rest };
}
