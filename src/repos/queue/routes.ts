import Type from 'typebox';
import { createdOrStanding, noContent, ok } from '../../http/answer.js';
import { memberText } from '../../http/json-text.js';
import { type Route, routesOf } from '../../http/route.js';
import { Problem, problems } from '../../problems.js';
import { Queue, utcOf, WorkerId } from '../values.js';
import { popAnswer, preferredWait } from './answer.js';
import type { QueueRepo } from './repo.js';
import {
  JOB_BYTES,
  LeaseName,
  NewJobBody,
  PopBody,
  PoppedJobs,
  PUSH_BYTES,
  PushedJob,
  Requeued,
} from './schema.js';

const route = routesOf<QueueRepo>();

export const queueRoutes = {
  push: route({
    method: 'POST',
    url: '/queues/{queue}/jobs',
    summary: 'Push a job',
    description:
      'Acknowledged once it is committed. With an `id` of your own (a UUIDv7) a push whose answer was lost can be ' +
      'sent again. Strict priority can starve what has a higher number.',
    params: { queue: Queue },
    body: NewJobBody,
    bodyLimit: [PUSH_BYTES, 'job_too_large'],
    answers: {
      201: { description: 'The job is pushed.', schema: PushedJob },
      200: { description: 'A job with this id or unique key stands already.', schema: PushedJob },
    },
    problems: ['queue_too_long', 'unique_key_too_long', 'job_too_large'],
    handle: (repo, { params, body: { job: _, run_at, ...body }, bodyText }) =>
      createdOrStanding(
        repo.push({
          ...body,
          queue: params.queue,
          job: jobText(bodyText),
          run_at: run_at === undefined ? undefined : utcOf(run_at),
        }),
      ),
  }),

  pop: route({
    method: 'POST',
    url: '/queues/{queue}/pop',
    summary: 'Wait for jobs and take them',
    description:
      'A long poll: answers as soon as there is a job, or with an empty list when the wait ends. Each job comes with ' +
      'a lease; who does not complete it in time loses it to another. `completed` acknowledges earlier jobs in the ' +
      'same request. `Prefer: wait=N` is taken too. A client that goes away before it has its answer loses nothing. ' +
      'A worker with `max` above 1 must heed the leases of the jobs that wait in its hands.',
    params: { queue: Queue },
    body: PopBody,
    answers: { 200: { description: 'The jobs, perhaps none.', schema: PoppedJobs } },
    problems: ['queue_too_long', 'worker_id_too_long', 'idempotency_key_too_long'],
    handle: (repo, { params, body, headers, onClientGone }) => {
      const preferred = body.wait_seconds === undefined ? preferredWait(headers['prefer']) : undefined;
      const options = preferred ? { ...body, wait_seconds: preferred.seconds } : body;
      return popAnswer(repo.pop(params.queue, options, onClientGone), preferred?.applied);
    },
  }),

  complete: route({
    method: 'POST',
    url: '/leases/{lease}/complete',
    summary: 'Complete a job',
    description:
      'The job is done and gone. 409 `lease_lost` where the lease is not held any more: nothing was changed, and ' +
      '`state` says where the job is; `gone` after a repeated request of your own means that it had succeeded.',
    params: { lease: LeaseName },
    answers: { 204: { description: 'The job is completed.' } },
    problems: ['lease_lost'],
    handle: (repo, { params }) => noContent(repo.complete(params.lease)),
  }),

  requeueInProgress: route({
    method: 'POST',
    url: '/workers/{worker_id}/requeue',
    summary: 'Take back what a worker runs',
    description:
      'For a worker that starts again after a crash: its running jobs are ready again, each with one attempt more, ' +
      'and dead at the limit. An orderly stop releases its jobs instead.',
    params: { worker_id: WorkerId },
    query: {
      match: Type.Optional(
        Type.Enum(['exact', 'server'], {
          description:
            'server: also the workers `<worker_id>-<digits>`, as pict-rs names those of one server.',
        }),
      ),
    },
    answers: {
      200: { description: 'How many are ready again.', schema: Requeued, example: { requeued: 2 } },
    },
    problems: ['worker_id_too_long'],
    handle: (repo, { params, query }) => ok(repo.requeueInProgress(params.worker_id, query.match ?? 'exact')),
  }),
} satisfies Record<keyof QueueRepo, Route<QueueRepo>>;

/** The job as it stands in the body. */
function jobText(body: string): string {
  const text = memberText(body, 'job') ?? 'null';
  if (Buffer.byteLength(text) > JOB_BYTES)
    throw new Problem('job_too_large', `${problems.job_too_large.title}.`);
  return text;
}
