import Type from 'typebox';
import type { ProblemCode } from '../../problems.js';
import { batch, component, jsonText, pattern, text } from '../../schema.js';
import { ErrorText, Queue, Timestamp, WorkerId } from '../values.js';
import { LEASE_PATTERN } from './sql/lease.js';

const UUID = pattern(
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  'must be a UUID in lower case',
);

/** A job has at most 256 KiB. The body of a push has more, for the other members. */
export const JOB_BYTES = 256 * 1024;
export const PUSH_BYTES = JOB_BYTES + 32 * 1024;
/** The limits of a batch, pushed or popped. */
export const BATCH_ITEMS = 1000;
export const BATCH_BYTES = 8 * 1024 * 1024;

const JOB_EXAMPLE = { Identifier: { identifier: '3a/7d/01/9f/d3a91c5be2f4.webp' } };

export const JobId = Type.String({
  pattern: UUID,
  description: 'A UUID, in lower case.',
  examples: ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77'],
});

export const timestamp = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-22T13:14:56.789012Z'] });

/** What a worker may give as the result of a job. */
const RESULT_BYTES = 4096;

const Result = Type.Refine(
  jsonText({
    description:
      'What the worker made of the job: any JSON value of at most 4096 bytes. It is kept byte for byte with the completed ' +
      'job where QUEUE_COMPLETED_RETENTION_MINUTES is set, and else dropped.',
    examples: [{ width: 4032, height: 3024 }],
  }),
  (json) => Buffer.byteLength(json) <= RESULT_BYTES,
  () => 'result_too_long' satisfies ProblemCode,
);

export const LeaseName = Type.String({
  pattern: pattern(LEASE_PATTERN, 'must be a lease as a pop gave it'),
  description: 'Opaque. Proves that a request comes from the worker that has the job now.',
  examples: ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677'],
});

const LeaseSeconds = Type.Integer({
  minimum: 1,
  maximum: 43_200,
  description:
    'How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the ' +
    'push, and if that has none, QUEUE_LEASE_SECONDS.',
  examples: [60],
});

const MaxRunSeconds = Type.Integer({
  minimum: 1,
  maximum: 31_536_000,
  description:
    'The longest time that a run may take, from the claim on. No heartbeat extends the lease beyond it. A run that takes ' +
    'longer has failed: the job is retried, or dead. By default there is no limit.',
  examples: [3600],
});

/** With two times, one of them would be ignored. */
const hasOneTime = ({ delay_seconds, run_at }: { delay_seconds?: number; run_at?: string }): boolean =>
  delay_seconds === undefined || run_at === undefined;

const NewJob = Type.Refine(
  Type.Object(
    {
      job: jsonText({
        description: 'Any JSON value of at most 256 KiB, kept byte for byte.',
        examples: [JOB_EXAMPLE],
      }),
      id: Type.Optional(JobId),
      unique_key: Type.Optional(
        text('unique_key_too_long', 255, {
          description:
            'The queue has at most one ready, scheduled or running job with this key; a running job whose cancel was ' +
            'requested does not count.',
          examples: ['all-variants'],
        }),
      ),
      priority: Type.Optional(
        Type.Integer({
          minimum: -32_768,
          maximum: 32_767,
          description: 'Lower numbers run first; by default 0.',
        }),
      ),
      delay_seconds: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 315_360_000,
          description: 'The job is not ready before so many seconds have passed. Not together with `run_at`.',
        }),
      ),
      run_at: Type.Optional(Timestamp),
      max_attempts: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: 'Failed runs after which the job is dead.' }),
      ),
      lease_seconds: Type.Optional(LeaseSeconds),
      max_run_seconds: Type.Optional(MaxRunSeconds),
    },
    { additionalProperties: false, examples: [{ job: JOB_EXAMPLE }] },
  ),
  hasOneTime,
  () => 'must have delay_seconds or run_at, not both',
);

export const NewJobBody = component('NewJob', NewJob);

export const PushedJob = component(
  'PushedJob',
  Type.Object({
    id: JobId,
    duplicate: Type.Boolean({
      description:
        'Whether nothing was pushed, because a job with this unique key or this id existed already.',
    }),
  }),
);

/** A lease, or a lease with the result of its job. */
const DoneLease = Type.Union([
  LeaseName,
  Type.Object({ lease: LeaseName, result: Type.Optional(Result) }, { additionalProperties: false }),
]);

export const Done = component(
  'Done',
  Type.Object(
    { result: Type.Optional(Result) },
    { additionalProperties: false, 'x-optional': true, examples: [{ result: { width: 4032 } }] },
  ),
);

export const PopBody = component(
  'Pop',
  Type.Object(
    {
      worker_id: WorkerId,
      max: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          description: 'Maximum number of jobs; by default 1.',
        }),
      ),
      wait_seconds: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 55,
          description: 'How long to wait for a job; by default QUEUE_WAIT_SECONDS (20).',
        }),
      ),
      lease_seconds: Type.Optional(LeaseSeconds),
      completed: Type.Optional(
        batch(
          DoneLease,
          BATCH_ITEMS,
          'Leases of finished jobs, each alone or with the result of its job. They are completed before new jobs are claimed.',
        ),
      ),
      idempotency_key: Type.Optional(
        text('idempotency_key_too_long', 255, {
          description:
            'For a pop whose answer was lost: the same worker gets the same jobs again with the same key, while they run.',
          examples: ['7d6c2c1e'],
        }),
      ),
    },
    { additionalProperties: false, examples: [{ worker_id: 'pict-1', wait_seconds: 5 }] },
  ),
);

const Job = component(
  'Job',
  Type.Object({
    id: JobId,
    lease: LeaseName,
    job: Type.Unknown({ description: 'As it was pushed, byte for byte.', examples: [JOB_EXAMPLE] }),
    attempt: Type.Integer({
      minimum: 1,
      description: 'The number of this run: 1 more than the failed runs so far.',
    }),
    max_attempts: Type.Integer({ minimum: 1 }),
    queued_at: Timestamp,
    lease_expires_at: Timestamp,
    lease_seconds: Type.Integer({
      minimum: 1,
      description:
        'The length of the lease, as set by the pop, the push or QUEUE_LEASE_SECONDS. A heartbeat without ' +
        '`lease_seconds` extends the lease by the same. The lease ends earlier if `max_run_seconds` is shorter.',
      examples: [60],
    }),
    max_run_seconds: Type.Optional(MaxRunSeconds),
  }),
);

const Completion = Type.Object({
  lease: LeaseName,
  outcome: Type.Enum(['completed', 'gone', 'lost', 'contended'], {
    description:
      'gone: the job does not exist any more. lost: the worker no longer holds the lease, and the job was not ' +
      'completed. contended: another transaction has locked the job, so it is not completed yet; send the lease again.',
  }),
});

export const PoppedJobs = component(
  'PoppedJobs',
  Type.Object({
    jobs: Type.Array(Job),
    completed: Type.Optional(Type.Array(Completion)),
    retry_after_seconds: Type.Optional(
      Type.Number({
        description:
          'Set if the completions are committed, but no jobs could be claimed. Pop again after this time.',
      }),
    ),
  }),
);

export const NewJobs = component(
  'NewJobs',
  Type.Object(
    { jobs: batch(NewJobBody, BATCH_ITEMS, 'All of them are pushed, or none.') },
    { additionalProperties: false },
  ),
);

export const PushedJobs = component('PushedJobs', Type.Object({ jobs: Type.Array(PushedJob) }));

export const Leases = component(
  'Leases',
  Type.Object(
    { leases: batch(DoneLease, BATCH_ITEMS, 'Each alone, or with the result of its job.') },
    { additionalProperties: false },
  ),
);

export const Completions = component('Completions', Type.Object({ results: Type.Array(Completion) }));

/** A delay would be ignored if there is no next run. */
const isRetriedIfDelayed = ({ retry, delay_seconds }: { retry?: boolean; delay_seconds?: number }): boolean =>
  retry !== false || delay_seconds === undefined;

export const Failure = component(
  'Failure',
  Type.Refine(
    Type.Object(
      {
        error: Type.Optional(ErrorText),
        retry: Type.Optional(Type.Boolean({ description: 'false: the job is dead at once.' })),
        delay_seconds: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 315_360_000,
            description:
              'The delay before the next run; by default 2^attempts seconds with full jitter. Not together with `retry: false`.',
          }),
        ),
      },
      { additionalProperties: false, 'x-optional': true, examples: [{ error: 'no such file' }] },
    ),
    isRetriedIfDelayed,
    () => 'must have no delay_seconds where retry is false',
  ),
);

export const Failed = component(
  'Failed',
  Type.Object({
    state: Type.Enum(['ready', 'scheduled', 'dead', 'gone'], {
      description: 'gone: a cancel had been requested, so the job was deleted.',
    }),
    attempts: Type.Optional(Type.Integer({ description: 'Failed runs so far.' })),
    run_at: Type.Optional(Timestamp),
  }),
);

export const Released = component(
  'Released',
  Type.Object({
    state: Type.Enum(['ready', 'dead', 'gone'], {
      description:
        'dead: the job was handed out ten times for each of its attempts, and never completed. gone: a cancel had been ' +
        'requested, so the job was deleted.',
    }),
  }),
);

export const Heartbeat = component(
  'Heartbeat',
  Type.Object(
    { lease_seconds: Type.Optional(LeaseSeconds) },
    { additionalProperties: false, 'x-optional': true },
  ),
);

export const Extension = component(
  'Extension',
  Type.Object({
    lease_expires_at: Timestamp,
    cancel_requested: Type.Boolean({
      description: 'If true, the worker should stop, and fail or release the job, which is then deleted.',
    }),
  }),
);

export const Heartbeats = component(
  'Heartbeats',
  Type.Object(
    {
      leases: batch(LeaseName, BATCH_ITEMS, 'Each has a result of its own.'),
      lease_seconds: Type.Optional(LeaseSeconds),
    },
    { additionalProperties: false },
  ),
);

export const Extensions = component(
  'Extensions',
  Type.Object({
    results: Type.Array(
      Type.Object({
        lease: LeaseName,
        outcome: Type.Enum(['extended', 'gone', 'lost', 'contended'], {
          description:
            'gone: the job does not exist any more. lost: the worker no longer holds the lease. contended: another ' +
            'transaction has locked the job, so the lease is not extended; send it again.',
        }),
        lease_expires_at: Type.Optional(Timestamp),
        cancel_requested: Type.Optional(Type.Boolean()),
      }),
    ),
  }),
);

export const count = (description: string) => Type.Integer({ minimum: 0, description });

export const Requeued = component(
  'Requeued',
  Type.Object({
    requeued: count('Jobs that are ready again.'),
    dead: count('Jobs whose attempts are used up.'),
    gone: count('Jobs that were deleted, because a cancel had been requested.'),
  }),
);

export const State = Type.Enum(['scheduled', 'ready', 'running', 'dead']);

/** In which state jobs are listed. */
export const ListedState = Type.Enum(['scheduled', 'ready', 'running', 'dead', 'completed'], {
  description: 'completed: while completed jobs are kept (QUEUE_COMPLETED_RETENTION_MINUTES).',
});

export const JobRecord = component(
  'JobRecord',
  Type.Object({
    id: JobId,
    queue: Queue,
    state: ListedState,
    job: Type.Unknown({ description: 'As it was pushed, byte for byte.', examples: [JOB_EXAMPLE] }),
    priority: Type.Integer(),
    unique_key: Type.Optional(Type.String({ examples: ['all-variants'] })),
    attempts: Type.Integer({ description: 'Failed runs so far.' }),
    max_attempts: Type.Integer(),
    queued_at: Timestamp,
    ready_since: Type.Optional(
      timestamp(
        'When a ready job became ready: with its push, when its delay or backoff was over, or when it was given back.',
      ),
    ),
    run_at: Type.Optional(Timestamp),
    worker_id: Type.Optional(WorkerId),
    running_since: Type.Optional(timestamp('When the worker got the job.')),
    last_heartbeat_at: Type.Optional(
      timestamp('The last heartbeat of the run, or when the worker got the job if there was none.'),
    ),
    lease_expires_at: Type.Optional(Timestamp),
    run_ends_at: Type.Optional(timestamp('When the run is over at the latest, by `max_run_seconds`.')),
    cancel_requested: Type.Optional(Type.Boolean()),
    last_error: Type.Optional(Type.String({ examples: ['no such file'] })),
    died_at: Type.Optional(Timestamp),
    completed_at: Type.Optional(Timestamp),
    ran_seconds: Type.Optional(
      Type.Number({ description: 'Of a completed job: how long its last run took.', examples: [1.25] }),
    ),
    result: Type.Optional(
      Type.Unknown({
        description: 'What the worker gave as the result of the completed job, byte for byte.',
        examples: [{ width: 4032, height: 3024 }],
      }),
    ),
  }),
);

const next = Type.Optional(
  Type.String({
    description: 'The value of `after` for the next page. Missing if there are no more jobs.',
    examples: ['1200'],
  }),
);

export const Jobs = component('Jobs', Type.Object({ jobs: Type.Array(JobRecord), next }));

export const Purged = component('Purged', Type.Object({ purged: Type.Integer({ minimum: 0 }) }));

export const Redriven = component(
  'Redriven',
  Type.Object({
    redriven: count('Jobs that are ready again.'),
    skipped: count('Jobs that stay dead, because another job has their unique key now.'),
  }),
);
