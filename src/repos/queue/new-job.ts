import type { Static } from 'typebox';
import { elementTexts, memberText } from '../../http/json-text.js';
import { Problem, problems } from '../../problems.js';
import { utcOf } from '../values.js';
import type { NewJob } from './push.js';
import { JOB_BYTES, type NewJobBody } from './schema.js';

type Body = Static<typeof NewJobBody>;

/** A job to push: the parsed body, and the job itself as it stands in the body's text. */
export function newJob(queue: string, body: Body, text: string): NewJob {
  const job = memberText(text, 'job') ?? 'null';
  if (Buffer.byteLength(job) > JOB_BYTES)
    throw new Problem('job_too_large', `${problems.job_too_large.title}.`);
  return { ...body, queue, job, run_at: body.run_at === undefined ? undefined : utcOf(body.run_at) };
}

export function newJobs(queue: string, bodies: Body[], text: string): NewJob[] {
  const texts = elementTexts(memberText(text, 'jobs') ?? '[]');
  return bodies.map((body, at) => newJob(queue, body, texts[at] ?? '{}'));
}
