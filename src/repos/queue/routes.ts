import Type from 'typebox';
import { createdOrExisting, noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { pattern } from '../../schema.js';
import { Queue, WorkerId } from '../values.js';
import { jobAnswer, jobsAnswer, popAnswer } from './answers.js';
import type { QueueRepo } from './repo.js';
import { newJob, preferredWait } from './requests.js';
import {
  BATCH_BYTES,
  Completions,
  Extension,
  Extensions,
  Failed,
  Failure,
  Heartbeat,
  Heartbeats,
  JobId,
  JobRecord,
  Jobs,
  LeaseName,
  Leases,
  NewJobBody,
  NewJobs,
  PopBody,
  PoppedJobs,
  PUSH_BYTES,
  Purged,
  PushedJob,
  PushedJobs,
  Queues,
  Redriven,
  Released,
  Requeued,
  State,
  Stats,
} from './schema.js';

const route = routesOf<QueueRepo>();
const ofQueue = { queue: Queue };
const ofLease = { lease: LeaseName };

export const queueRoutes = {
  push: route({
    method: 'POST',
    url: '/queues/{queue}/jobs',
    summary: 'Push a job',
    description:
      'Acknowledged once it is committed. With an `id` of your own (a UUIDv7) a push whose answer was lost can be ' +
      'sent again: the id is remembered, also after its job has ended (QUEUE_ID_RETENTION_MINUTES). The same id in ' +
      'another queue, or with other bytes, is 409 `job_id_used`. Strict priority can starve what has a higher number.',
    params: ofQueue,
    body: NewJobBody,
    bodyLimit: [PUSH_BYTES, 'job_too_large'],
    answers: {
      201: { description: 'The job is pushed.', schema: PushedJob },
      200: { description: 'A job with this id or unique key exists already.', schema: PushedJob },
    },
    problems: ['queue_too_long', 'unique_key_too_long', 'job_id_used', 'job_too_large'],
    handle: (repo, { params, body }) => createdOrExisting(repo.push(newJob(params.queue, body))),
  }),

  pushMany: route({
    method: 'POST',
    url: '/queues/{queue}/jobs/batch',
    summary: 'Push many jobs',
    description:
      'All of them, or none, in one statement; at most 1,000 and 8 MiB. The answer is in their order.',
    params: ofQueue,
    body: NewJobs,
    bodyLimit: [BATCH_BYTES, 'batch_too_large'],
    answers: { 200: { description: 'The jobs are pushed.', schema: PushedJobs } },
    problems: ['queue_too_long', 'unique_key_too_long', 'job_id_used', 'job_too_large', 'batch_too_large'],
    handle: (repo, { params, body }) => ok(repo.pushMany(body.jobs.map((job) => newJob(params.queue, job)))),
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
    params: ofQueue,
    body: PopBody,
    answers: { 200: { description: 'The jobs, perhaps none.', schema: PoppedJobs } },
    bodyLimit: [256 * 1024, 'batch_too_large'],
    problems: ['queue_too_long', 'worker_id_too_long', 'idempotency_key_too_long', 'batch_too_large'],
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
    params: ofLease,
    answers: { 204: { description: 'The job is completed.' } },
    problems: ['lease_lost'],
    handle: (repo, { params }) => noContent(repo.complete(params.lease)),
  }),

  completeMany: route({
    method: 'POST',
    url: '/leases/complete',
    summary: 'Complete many jobs',
    description: 'Each is judged by itself; the answer is in their order.',
    body: Leases,
    bodyLimit: [256 * 1024, 'batch_too_large'],
    answers: { 200: { description: 'What became of each.', schema: Completions } },
    problems: ['batch_too_large'],
    handle: (repo, { body }) => ok(repo.completeMany(body.leases)),
  }),

  fail: route({
    method: 'POST',
    url: '/leases/{lease}/fail',
    summary: 'Say that a run failed',
    description:
      'One attempt more. The job is tried again after `delay_seconds`, or 2^attempts seconds with full jitter, and is ' +
      'dead when its attempts are used up or `retry` is false, or where it was handed out ten times for each of its ' +
      'attempts since it was pushed or redriven.',
    params: ofLease,
    body: Failure,
    bodyKind: 'optional',
    answers: {
      200: {
        description: 'Where the job is now.',
        schema: Failed,
        example: { state: 'scheduled', attempts: 1, run_at: '2026-11-22T13:14:58.123456Z' },
      },
    },
    problems: ['lease_lost', 'error_too_long'],
    handle: (repo, { params, body }) => ok(repo.fail(params.lease, body)),
  }),

  release: route({
    method: 'POST',
    url: '/leases/{lease}/release',
    summary: 'Give a job back',
    description:
      'Ready again, no attempt burnt: for an orderly stop. A job that is only ever released is dead after ten ' +
      'hand-outs for each of its attempts.',
    params: ofLease,
    answers: {
      200: { description: 'Where the job is now.', schema: Released, example: { state: 'ready' } },
    },
    problems: ['lease_lost'],
    handle: (repo, { params }) => ok(repo.release(params.lease)),
  }),

  heartbeat: route({
    method: 'POST',
    url: '/leases/{lease}/heartbeat',
    summary: 'Extend a lease',
    description:
      'From now on, by `lease_seconds`, or by as much as the pop answered as `lease_seconds`; but not beyond the ' +
      "job's `max_run_seconds`. Tells whether a cancel was asked for.",
    params: ofLease,
    body: Heartbeat,
    bodyKind: 'optional',
    answers: {
      200: {
        description: 'The lease is extended.',
        schema: Extension,
        example: { lease_expires_at: '2026-11-22T13:15:56.789012Z', cancel_requested: false },
      },
    },
    problems: ['lease_lost'],
    handle: (repo, { params, body }) => ok(repo.heartbeat(params.lease, body.lease_seconds)),
  }),

  heartbeatMany: route({
    method: 'POST',
    url: '/leases/heartbeat',
    summary: 'Extend many leases',
    description: 'Each is judged by itself, as by the heartbeat of one; the answer is in their order.',
    body: Heartbeats,
    bodyLimit: [256 * 1024, 'batch_too_large'],
    answers: { 200: { description: 'What became of each.', schema: Extensions } },
    problems: ['batch_too_large'],
    handle: (repo, { body }) => ok(repo.heartbeatMany(body.leases, body.lease_seconds)),
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
      200: {
        description: 'How many are where now.',
        schema: Requeued,
        example: { requeued: 2, dead: 0, gone: 0 },
      },
    },
    problems: ['worker_id_too_long'],
    handle: (repo, { params, query }) => ok(repo.requeueInProgress(params.worker_id, query.match ?? 'exact')),
  }),

  queues: route({
    method: 'GET',
    url: '/queues',
    summary: 'All queues',
    description:
      'Those that have jobs, dead ones included, are paused, or are waited for. The jobs are counted exactly, once for ' +
      'all who ask: with more than some 50,000 jobs, figures of up to five seconds ago are given, and `as_of` says when.',
    answers: { 200: { description: 'The queues in order of their names.', schema: Queues } },
    problems: [],
    handle: (repo) => ok(repo.queues()),
  }),

  stats: route({
    method: 'GET',
    url: '/queues/{queue}',
    summary: 'One queue',
    description: 'Zeros for a queue that nobody has used. From the same figures as the list of all queues.',
    params: ofQueue,
    answers: { 200: { description: 'The queue.', schema: Stats } },
    problems: ['queue_too_long'],
    handle: (repo, { params }) => ok(repo.stats(params.queue)),
  }),

  jobs: route({
    method: 'GET',
    scope: 'write',
    url: '/queues/{queue}/jobs',
    summary: 'The jobs of a queue',
    description:
      'In the order of their arrival (dead ones: of their death), of one state or of all that live. A page ends where ' +
      'its jobs and their errors exceed 1 MiB together, and has one job at least; `next` tells that there are more.',
    params: ofQueue,
    query: {
      state: Type.Optional(State),
      after: Type.Optional(
        Type.String({
          pattern: pattern('^[0-9]{1,18}$', 'must be `next` of the page before'),
          description: '`next` of the page before.',
          examples: ['1200'],
        }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: '100 where nothing is said.' }),
      ),
    },
    answers: { 200: { description: 'A page, at most 1 MiB of jobs and errors.', schema: Jobs } },
    problems: ['queue_too_long'],
    handle: (repo, { params, query, clientGone }) => jobsAnswer(repo.jobs(params.queue, query, clientGone())),
  }),

  job: route({
    method: 'GET',
    scope: 'write',
    url: '/jobs/{id}',
    summary: 'One job',
    description: 'Live or dead, and never with its lease.',
    params: { id: JobId },
    answers: { 200: { description: 'The job.', schema: JobRecord } },
    problems: ['job_not_found'],
    handle: (repo, { params }) => jobAnswer(repo.job(params.id)),
  }),

  cancel: route({
    method: 'DELETE',
    scope: 'admin',
    url: '/jobs/{id}',
    summary: 'Cancel a job',
    description:
      'A job that waits, or is dead, is gone. One that runs is told by its next heartbeat, and removed when it fails, ' +
      'is released or loses its lease; to complete it is still a success. Its unique key is free at once: a job that is ' +
      'pushed with that key may run beside it. Its id is not. Can be sent again.',
    params: { id: JobId },
    answers: {
      204: { description: 'There is no such job now.' },
      202: { description: 'The job runs; its worker will be told.' },
    },
    problems: [],
    handle: async (repo, { params }) => ({ status: (await repo.cancel(params.id)) === 'gone' ? 204 : 202 }),
  }),

  pause: route({
    method: 'POST',
    scope: 'admin',
    url: '/queues/{queue}/pause',
    summary: 'Pause a queue',
    description: 'Pops get nothing; pushes and what runs go on. Can be sent again.',
    params: ofQueue,
    answers: { 204: { description: 'The queue is paused.' } },
    problems: ['queue_too_long'],
    handle: (repo, { params }) => noContent(repo.pause(params.queue)),
  }),

  resume: route({
    method: 'POST',
    scope: 'admin',
    url: '/queues/{queue}/resume',
    summary: 'Resume a queue',
    description: 'Parked polls get what is ready. Can be sent again.',
    params: ofQueue,
    answers: { 204: { description: 'The queue is not paused.' } },
    problems: ['queue_too_long'],
    handle: (repo, { params }) => noContent(repo.resume(params.queue)),
  }),

  purge: route({
    method: 'POST',
    scope: 'admin',
    url: '/queues/{queue}/purge',
    summary: 'Remove the jobs of a queue',
    description:
      '`which` says which: those that wait (ready or scheduled), or the dead ones. Jobs that run are spared, ' +
      'and so is one that something else changes at that moment.',
    params: ofQueue,
    query: { which: Type.Enum(['waiting', 'dead'], { examples: ['dead'] }) },
    answers: { 200: { description: 'How many are gone.', schema: Purged, example: { purged: 42 } } },
    problems: ['queue_too_long'],
    handle: (repo, { params, query }) => ok(repo.purge(params.queue, query.which)),
  }),

  redrive: route({
    method: 'POST',
    scope: 'admin',
    url: '/queues/{queue}/redrive',
    summary: 'Try the dead jobs of a queue again',
    description:
      'Ready again, with no attempts or hand-outs counted. One whose unique key lives again stays dead.',
    params: ofQueue,
    answers: {
      200: {
        description: 'How many are ready again.',
        schema: Redriven,
        example: { redriven: 3, skipped: 1 },
      },
    },
    problems: ['queue_too_long'],
    handle: (repo, { params }) => ok(repo.redrive(params.queue)),
  }),
} satisfies Record<keyof QueueRepo, Route<QueueRepo>>;
