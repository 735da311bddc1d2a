import type { Static } from 'typebox';
import { Problem, problems } from '../../problems.js';
import { utcOf } from '../values.js';
import type { NewJob } from './push.js';
import { JOB_BYTES, type NewJobBody } from './schema.js';

/** A job to push, of a validated body. */
export function newJob(queue: string, body: Static<typeof NewJobBody>): NewJob {
  if (Buffer.byteLength(body.job) > JOB_BYTES) {
    throw new Problem('job_too_large', `${problems.job_too_large.title}.`);
  }
  return { ...body, queue, run_at: body.run_at === undefined ? undefined : utcOf(body.run_at) };
}
