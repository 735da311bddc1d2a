import Type from 'typebox';
import { createdOrExisting, noContent, ok, revalidatedBy } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { preferredWait } from '../preferred-wait.js';
import { Queue, WorkerId } from '../values.js';
import { jobAnswer, jobsAnswer, popAnswer, workerAnswer } from './answers.js';
import { essenceOf } from './queue-list.js';
import { listQuery, QueueHistory, Queues, Stats } from './queues-schema.js';
import type { QueueRepo } from './repo.js';
import { choiceOf, doneLease, newJob } from './requests.js';
import {
  BATCH_BYTES,
  Completions,
  Done,
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
  ListedState,
  NewJobBody,
  NewJobs,
  PopBody,
  PoppedJobs,
  PUSH_BYTES,
  Purged,
  PushedJob,
  PushedJobs,
  Redriven,
  Released,
  Requeued,
} from './schema.js';
import {
  Chosen,
  DeadErrors,
  filters,
  JobsCursor,
  pageLimit,
  RemoveChoice,
  RetryChoice,
  RunNowChoice,
  SearchCursor,
  WorkerRecord,
  WorkerSearch,
  Workers,
} from './search-schema.js';

const route = routesOf<QueueRepo>();
const ofQueue = { queue: Queue };
const ofLease = { lease: LeaseName };

/** What all changes of chosen jobs have in common. */
const CHOSEN =
  'The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is ' +
  'one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at ' +
  'most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.';
const CHOSEN_EXAMPLE = { matched: 3, changed: 2, skipped: 1, more: false };
/** 1,000 ids, with what is around them. */
const BODY_OF_IDS = 64 * 1024;
const FILTER_PROBLEMS = [
  'queue_too_long',
  'worker_id_too_long',
  'unique_key_too_long',
  'error_too_long',
  'payload_too_long',
] as const;
const CHOICE_PROBLEMS = [...FILTER_PROBLEMS, 'batch_too_large'] as const;

export const queueRoutes = {
  push: route({
    method: 'POST',
    url: '/queues/{queue}/jobs',
    summary: 'Push a job',
    description:
      'Answered once the job is committed. With an `id` of your own (a UUIDv7), a push whose answer was lost can be ' +
      'sent again: the id is remembered, also after its job has ended (QUEUE_ID_RETENTION_MINUTES). The same id in ' +
      'another queue, or with other bytes, is 409 `job_id_used`. Priorities are strict: a job waits as long as there ' +
      'are jobs with a lower number.',
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
      'All of them, or none, in one statement; at most 1,000 jobs and 8 MiB. The results are in the order of the jobs.',
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
      'a lease. If the worker does not end the job or extend the lease in time, another worker gets the job. ' +
      '`completed` completes earlier jobs in the same request. The header `Prefer: wait=N` is an alternative to ' +
      '`wait_seconds`. If the client goes away before it has its answer, its jobs are given back. A worker with `max` ' +
      'above 1 must also extend the leases of the jobs that it has not begun yet.',
    params: ofQueue,
    body: PopBody,
    answers: { 200: { description: 'The jobs, perhaps none.', schema: PoppedJobs } },
    bodyLimit: [BATCH_BYTES, 'batch_too_large'],
    problems: [
      'queue_too_long',
      'worker_id_too_long',
      'idempotency_key_too_long',
      'result_too_long',
      'batch_too_large',
    ],
    handle: (repo, { params, body: { completed = [], ...body }, headers, onClientGone }) => {
      const preferred = body.wait_seconds === undefined ? preferredWait(headers['prefer']) : undefined;
      const wait = preferred && { wait_seconds: preferred.seconds };
      const options = { ...body, ...wait, completed: completed.map(doneLease) };
      return popAnswer(repo.pop(params.queue, options, onClientGone), preferred?.applied);
    },
  }),

  complete: route({
    method: 'POST',
    url: '/leases/{lease}/complete',
    summary: 'Complete a job',
    description:
      'The job is done, and no longer in its queue. Where completed jobs are kept (QUEUE_COMPLETED_RETENTION_MINUTES), ' +
      '`GET /jobs/{id}` answers it with its `result`. 409 `lease_lost` if the worker no longer holds the lease: nothing was changed, ' +
      'and `state` is the state of the job. If you repeat a request, `gone` means that the first one succeeded.',
    params: ofLease,
    body: Done,
    bodyKind: 'optional',
    answers: { 204: { description: 'The job is completed.' } },
    problems: ['lease_lost', 'result_too_long'],
    handle: (repo, { params: { lease }, body: { result } }) =>
      noContent(repo.complete(doneLease(result === undefined ? lease : { lease, result }))),
  }),

  completeMany: route({
    method: 'POST',
    url: '/leases/complete',
    summary: 'Complete many jobs',
    description: 'Each lease has a result of its own. The results are in the order of the leases.',
    body: Leases,
    bodyLimit: [BATCH_BYTES, 'batch_too_large'],
    answers: { 200: { description: 'The result for each lease.', schema: Completions } },
    problems: ['batch_too_large', 'result_too_long'],
    handle: (repo, { body }) => ok(repo.completeMany(body.leases.map(doneLease))),
  }),

  fail: route({
    method: 'POST',
    url: '/leases/{lease}/fail',
    summary: 'Report a failed run',
    description:
      'The run counts as an attempt. The job is retried after `delay_seconds`, or after 2^attempts seconds with full ' +
      'jitter. It is dead when its attempts are used up, when `retry` is false, or when it was handed out ten times ' +
      'for each of its attempts since it was pushed or redriven.',
    params: ofLease,
    body: Failure,
    bodyKind: 'optional',
    answers: {
      200: {
        description: 'The new state of the job.',
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
      'The job is ready again, and no attempt is counted: for an orderly stop of the worker. A job that is released ' +
      'every time is dead when it was handed out ten times for each of its attempts.',
    params: ofLease,
    answers: {
      200: { description: 'The new state of the job.', schema: Released, example: { state: 'ready' } },
    },
    problems: ['lease_lost'],
    handle: (repo, { params }) => ok(repo.release(params.lease)),
  }),

  heartbeat: route({
    method: 'POST',
    url: '/leases/{lease}/heartbeat',
    summary: 'Extend a lease',
    description:
      'The lease then ends `lease_seconds` from now (by default as many as the pop answered as `lease_seconds`), but ' +
      'not later than `max_run_seconds` of the job allow. The answer tells whether a cancel was requested.',
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
    description: 'As one heartbeat for each lease. The results are in the order of the leases.',
    body: Heartbeats,
    bodyLimit: [256 * 1024, 'batch_too_large'],
    answers: { 200: { description: 'The result for each lease.', schema: Extensions } },
    problems: ['batch_too_large'],
    handle: (repo, { body }) => ok(repo.heartbeatMany(body.leases, body.lease_seconds)),
  }),

  requeueInProgress: route({
    method: 'POST',
    url: '/workers/{worker_id}/requeue',
    summary: 'Take back what a worker runs',
    description:
      'For a worker that starts again after a crash. Its running jobs are ready again, or dead if their attempts are ' +
      'used up; each run counts as an attempt. A worker that stops in order releases its jobs instead.',
    params: { worker_id: WorkerId },
    query: {
      match: Type.Optional(
        Type.Enum(['exact', 'server'], {
          description:
            'server: also those of the workers `<worker_id>-<digits>`, as pict-rs names the workers of a server.',
        }),
      ),
    },
    answers: {
      200: {
        description: 'How many jobs are in each state now.',
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
      'The queues that have jobs (dead ones included), are paused, or have waiting polls. The counts are exact as of ' +
      '`as_of`. With more than about 50,000 jobs they can be up to five seconds old, because one count then serves ' +
      'many requests. The ETag leaves out `as_of` and rounds `oldest_ready_seconds` down (to ten seconds; from a minute ' +
      'on to minutes, from an hour on to ten minutes): with `If-None-Match` the answer is 304 while nothing else has changed.',
    query: listQuery,
    answers: {
      200: { description: 'The queues in order of their names, or as `sort` says.', schema: Queues },
      304: { description: 'The queues are as the client has them.' },
    },
    problems: ['queue_too_long'],
    handle: (repo, { query, headers }) => revalidatedBy(repo.queues(query), essenceOf, headers),
  }),

  history: route({
    method: 'GET',
    url: '/queues/{queue}/history',
    summary: 'The last hour of a queue',
    description:
      'What happened to its jobs through the process that answers, minute by minute. It is kept in memory: it begins with the ' +
      'process, and other replicas have their own. Prometheus is for more.',
    params: ofQueue,
    answers: { 200: { description: 'The minutes.', schema: QueueHistory } },
    problems: ['queue_too_long'],
    handle: (repo, { params }) => ok(repo.history(params.queue)),
  }),

  stats: route({
    method: 'GET',
    url: '/queues/{queue}',
    summary: 'One queue',
    description:
      'All counts are 0 for a queue that does not exist. The figures are the same as in the list of all queues.',
    params: ofQueue,
    query: { max_age: listQuery.max_age },
    answers: { 200: { description: 'The queue.', schema: Stats } },
    problems: ['queue_too_long'],
    handle: (repo, { params, query }) => ok(repo.stats(params.queue, query.max_age)),
  }),

  errors: route({
    method: 'GET',
    scope: 'write',
    url: '/queues/{queue}/errors',
    summary: 'The errors of the dead jobs of a queue',
    description:
      'The last errors of the 1,000 newest dead jobs: each error once, with the number of jobs that have exactly ' +
      'this text, and the newest of these jobs. The newest error comes first; the answer has 20 at most, and `different` counts all. ' +
      '`queue.jobs` with `state=dead` and `error` lists the jobs of one error.',
    params: ofQueue,
    answers: { 200: { description: 'The errors; none where no job is dead.', schema: DeadErrors } },
    problems: ['queue_too_long'],
    handle: (repo, { params, clientGone }) => ok(repo.errors(params.queue, clientGone())),
  }),

  jobs: route({
    method: 'GET',
    scope: 'write',
    url: '/queues/{queue}/jobs',
    summary: 'The jobs of a queue',
    description:
      'In the order of their arrival (dead jobs: in the order in which they died). Without `state`, all jobs but the ' +
      'dead ones. A page has at most 1 MiB of jobs and errors, but always at least one job. If there are more jobs, ' +
      'the answer has `next`. Completed jobs come in the order of their completion, the newest first, and so do dead ' +
      'jobs with `order=newest`. With `worker`, ' +
      '`unique_key`, `error` or `payload` the jobs are searched as by `GET /jobs`.',
    params: ofQueue,
    query: {
      state: Type.Optional(ListedState),
      ...filters,
      order: Type.Optional(
        Type.Enum(['newest'], { description: 'With `state=dead`: those that died last come first.' }),
      ),
      after: Type.Optional(JobsCursor),
      ...pageLimit,
    },
    answers: { 200: { description: 'A page, at most 1 MiB of jobs and errors.', schema: Jobs } },
    problems: FILTER_PROBLEMS,
    handle: (repo, { params, query, clientGone }) => jobsAnswer(repo.jobs(params.queue, query, clientGone())),
  }),

  find: route({
    method: 'GET',
    scope: 'write',
    url: '/jobs',
    summary: 'Search jobs',
    description:
      'In all queues, or in one. Running jobs come first, then ready, scheduled and dead jobs. Jobs of the same state ' +
      'are sorted by queue, and within a queue in the order in which they will be handed out (ready jobs), have arrived ' +
      'or have died. A page looks at a bounded number of jobs (10,000 of a state; with `payload`, at 8 MiB of them as ' +
      'they are stored). So it may have fewer jobs than `limit`, or none, although there are more: the search has ended ' +
      'when an answer has no `next`. A search by `worker`, by `queue` and `unique_key`, or without `error` and ' +
      '`payload`, finds its jobs by an index. Completed jobs are listed only with `state=completed`, the newest first in ' +
      'all queues together. Of their filters, only `queue` uses an index.',
    query: {
      queue: Type.Optional(Queue),
      state: Type.Optional(ListedState),
      ...filters,
      after: Type.Optional(JobsCursor),
      ...pageLimit,
    },
    answers: { 200: { description: 'A page, at most 1 MiB of jobs and errors.', schema: Jobs } },
    problems: FILTER_PROBLEMS,
    handle: (repo, { query, clientGone }) => jobsAnswer(repo.find(query, clientGone())),
  }),

  job: route({
    method: 'GET',
    scope: 'write',
    url: '/jobs/{id}',
    summary: 'One job',
    description:
      'Also a dead one, and a completed one while it is kept (QUEUE_COMPLETED_RETENTION_MINUTES). The answer does not ' +
      'contain its lease.',
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
      'A ready, scheduled or dead job is deleted. The worker of a running job learns of the cancel from its next ' +
      'heartbeat, and can still complete the job; if it does not, the job is deleted when its run ends. The unique key ' +
      'of the job can be used again at once, so a new job with that key may run beside it; its id cannot. Can be sent ' +
      'again.',
    params: { id: JobId },
    answers: {
      204: { description: 'There is no such job now.' },
      202: { description: 'The job is running; the cancel is requested.' },
    },
    problems: [],
    handle: async (repo, { params }) => ({ status: (await repo.cancel(params.id)) === 'gone' ? 204 : 202 }),
  }),

  retry: route({
    method: 'POST',
    scope: 'admin',
    url: '/jobs/retry',
    summary: 'Try chosen dead jobs again',
    description:
      'As a redrive does for all dead jobs of a queue: they are ready again, with no attempts counted. A job is skipped ' +
      'if another job has its unique key now.\n\n' +
      CHOSEN,
    body: RetryChoice,
    bodyLimit: [BODY_OF_IDS, 'batch_too_large'],
    answers: { 200: { description: 'What was done.', schema: Chosen, example: CHOSEN_EXAMPLE } },
    problems: CHOICE_PROBLEMS,
    handle: (repo, { body }) => ok(repo.retry(choiceOf(body))),
  }),

  runNow: route({
    method: 'POST',
    scope: 'admin',
    url: '/jobs/run-now',
    summary: 'Run chosen scheduled jobs now',
    description: `They are ready at once, before their delay or backoff is over.\n\n${CHOSEN}`,
    body: RunNowChoice,
    bodyLimit: [BODY_OF_IDS, 'batch_too_large'],
    answers: {
      200: {
        description: 'What was done.',
        schema: Chosen,
        example: {
          matched: 1,
          changed: 1,
          skipped: 0,
          more: false,
          results: [{ id: '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77', outcome: 'ready' }],
        },
      },
    },
    problems: CHOICE_PROBLEMS,
    handle: (repo, { body }) => ok(repo.runNow(choiceOf(body))),
  }),

  remove: route({
    method: 'POST',
    scope: 'admin',
    url: '/jobs/remove',
    summary: 'Remove chosen jobs',
    description:
      'As a cancel of each of them: ready, scheduled and dead jobs are deleted, and the workers of running jobs learn of ' +
      'the cancel from their next heartbeats.\n\n' +
      CHOSEN,
    body: RemoveChoice,
    bodyLimit: [BODY_OF_IDS, 'batch_too_large'],
    answers: { 200: { description: 'What was done.', schema: Chosen, example: CHOSEN_EXAMPLE } },
    problems: CHOICE_PROBLEMS,
    handle: (repo, { body }) => ok(repo.remove(choiceOf(body))),
  }),

  workers: route({
    method: 'GET',
    url: '/workers',
    summary: 'The workers that run jobs',
    description:
      'In the order of their ids. With `queue`, those with jobs of this queue; only these jobs are counted.',
    query: {
      queue: Type.Optional(Queue),
      search: Type.Optional(WorkerSearch),
      after: Type.Optional(WorkerId),
      ...pageLimit,
    },
    answers: { 200: { description: 'A page of workers.', schema: Workers } },
    problems: ['queue_too_long', 'worker_id_too_long'],
    handle: (repo, { query, clientGone }) => ok(repo.workers(query, clientGone())),
  }),

  worker: route({
    method: 'GET',
    scope: 'write',
    url: '/workers/{worker_id}',
    summary: 'One worker, and the jobs that it runs',
    description:
      'All queues together. A worker that runs nothing has no jobs, whether there is such a worker or not.',
    params: { worker_id: WorkerId },
    query: { after: Type.Optional(SearchCursor), ...pageLimit },
    answers: { 200: { description: 'The worker, with a page of its jobs.', schema: WorkerRecord } },
    problems: ['worker_id_too_long'],
    handle: (repo, { params, query, clientGone }) =>
      workerAnswer(repo.worker(params.worker_id, query, clientGone())),
  }),

  pause: route({
    method: 'POST',
    scope: 'admin',
    url: '/queues/{queue}/pause',
    summary: 'Pause a queue',
    description: 'Pops get no jobs. Pushes and running jobs go on. Can be sent again.',
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
    description: 'Waiting polls get the ready jobs. Can be sent again.',
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
      '`waiting` are the ready and scheduled jobs. Running jobs stay, and so does a job that another request or ' +
      'transaction has locked at that moment.',
    params: ofQueue,
    query: { which: Type.Enum(['waiting', 'dead'], { examples: ['dead'] }) },
    answers: { 200: { description: 'How many jobs were deleted.', schema: Purged, example: { purged: 42 } } },
    problems: ['queue_too_long'],
    handle: (repo, { params, query }) => ok(repo.purge(params.queue, query.which)),
  }),

  redrive: route({
    method: 'POST',
    scope: 'admin',
    url: '/queues/{queue}/redrive',
    summary: 'Try the dead jobs of a queue again',
    description:
      'They are ready again, with no attempts counted. A job stays dead if another job has its unique key now.',
    params: ofQueue,
    answers: {
      200: {
        description: 'How many jobs are ready again.',
        schema: Redriven,
        example: { redriven: 3, skipped: 1 },
      },
    },
    problems: ['queue_too_long'],
    handle: (repo, { params }) => ok(repo.redrive(params.queue)),
  }),
} satisfies Record<keyof QueueRepo, Route<QueueRepo>>;
