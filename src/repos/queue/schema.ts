import Type from 'typebox';
import { batch, component, jsonText, pattern, text } from '../../schema.js';
import { Queue, Timestamp, WorkerId } from '../values.js';
import { LEASE_PATTERN } from './sql/lease.js';

const UUID = pattern(
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  'must be a UUID in lower case',
);

/** 256 KiB of job, and the members around it. */
export const JOB_BYTES = 256 * 1024;
export const PUSH_BYTES = JOB_BYTES + 32 * 1024;
/** What a batch may hold, in and out. */
const BATCH_ITEMS = 1000;
export const BATCH_BYTES = 8 * 1024 * 1024;

const JOB_EXAMPLE = { Identifier: { identifier: '3a/7d/01/9f/d3a91c5be2f4.webp' } };

export const JobId = Type.String({
  pattern: UUID,
  description: 'A UUID, in lower case.',
  examples: ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77'],
});

export const LeaseName = Type.String({
  pattern: pattern(LEASE_PATTERN, 'must be a lease as a pop gave it'),
  description: 'Opaque. Names the job and this claim of it: proof that it is still the holder who speaks.',
  examples: ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677'],
});

const LeaseSeconds = Type.Integer({
  minimum: 1,
  maximum: 43_200,
  description:
    'How long a worker may keep the job, without a heartbeat, before it is given to another. A pop that says nothing ' +
    'leaves it to the push, and that to the configuration.',
  examples: [60],
});

const MaxRunSeconds = Type.Integer({
  minimum: 1,
  maximum: 31_536_000,
  description:
    'Longest time that a run may take, from the moment the job is handed out. No heartbeat extends its lease beyond ' +
    'that: then the run has failed, and the job is tried again or dead. No limit where nothing is said.',
  examples: [3600],
});

/** Two times would mean that one is passed over. */
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
            'At most one job with this key waits or runs in the queue, but for one that is being cancelled.',
          examples: ['all-variants'],
        }),
      ),
      priority: Type.Optional(
        Type.Integer({
          minimum: -32_768,
          maximum: 32_767,
          description: 'Lower runs first; 0 where nothing is said.',
        }),
      ),
      delay_seconds: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 315_360_000,
          description: 'Not before this many seconds from now. Not together with `run_at`.',
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

export const PopBody = component(
  'Pop',
  Type.Object(
    {
      worker_id: WorkerId,
      max: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          description: 'Most jobs to get; 1 where nothing is said.',
        }),
      ),
      wait_seconds: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 55,
          description: 'How long to wait for a job; 20 where nothing is said.',
        }),
      ),
      lease_seconds: Type.Optional(LeaseSeconds),
      completed: Type.Optional(
        batch(LeaseName, BATCH_ITEMS, 'Leases of jobs that are done: completed before anything is claimed.'),
      ),
      idempotency_key: Type.Optional(
        text('idempotency_key_too_long', 255, {
          description: 'The same worker and key get the same jobs again, while they run: for a lost answer.',
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
      description: 'Which run this is: failed runs so far, and this one.',
    }),
    max_attempts: Type.Integer({ minimum: 1 }),
    queued_at: Timestamp,
    lease_expires_at: Timestamp,
    lease_seconds: Type.Integer({
      minimum: 1,
      description:
        'How long the lease is, by this pop, the push, or the configuration, and by how much a heartbeat extends it ' +
        'that says nothing. Where `max_run_seconds` is shorter, the lease ends with that.',
      examples: [60],
    }),
    max_run_seconds: Type.Optional(MaxRunSeconds),
  }),
);

const Completion = Type.Object({
  lease: LeaseName,
  outcome: Type.Enum(['completed', 'gone', 'lost'], {
    description: 'gone: there is no such job any more. lost: somebody else has it, or will.',
  }),
});

export const PoppedJobs = component(
  'PoppedJobs',
  Type.Object({
    jobs: Type.Array(Job),
    completed: Type.Optional(Type.Array(Completion)),
    retry_after_seconds: Type.Optional(
      Type.Number({ description: 'Set where the completions are committed, but nothing could be claimed.' }),
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
    { leases: batch(LeaseName, BATCH_ITEMS, 'Each is judged by itself.') },
    { additionalProperties: false },
  ),
);

export const Completions = component('Completions', Type.Object({ results: Type.Array(Completion) }));

/** A delay until a run that will not be would be passed over. */
const isRetriedIfDelayed = ({ retry, delay_seconds }: { retry?: boolean; delay_seconds?: number }): boolean =>
  retry !== false || delay_seconds === undefined;

export const Failure = component(
  'Failure',
  Type.Refine(
    Type.Object(
      {
        error: Type.Optional(
          text('error_too_long', 16_384, {
            description: 'What went wrong, for people.',
            examples: ['no such file'],
          }),
        ),
        retry: Type.Optional(Type.Boolean({ description: 'false sends the job to the dead at once.' })),
        delay_seconds: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 315_360_000,
            description:
              'Until the next run; 2^attempts with full jitter where nothing is said. Not together with `retry: false`.',
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
      description: 'gone: a cancel had been asked for.',
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
        'dead: it was handed out ten times for each of its attempts, and never completed. gone: a cancel had been asked for.',
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
    cancel_requested: Type.Boolean({ description: 'Stop, and fail or release the job: it is then removed.' }),
  }),
);

export const Heartbeats = component(
  'Heartbeats',
  Type.Object(
    {
      leases: batch(LeaseName, BATCH_ITEMS, 'Each is judged by itself.'),
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
        outcome: Type.Enum(['extended', 'gone', 'lost']),
        lease_expires_at: Type.Optional(Timestamp),
        cancel_requested: Type.Optional(Type.Boolean()),
      }),
    ),
  }),
);

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const Requeued = component(
  'Requeued',
  Type.Object({
    requeued: count('Jobs that are ready again.'),
    dead: count('Jobs whose attempts are used up.'),
    gone: count('Jobs for which a cancel had been asked.'),
  }),
);

const figures = {
  queue: Queue,
  ready: count('Jobs that wait for a worker.'),
  scheduled: count('Jobs that wait for their time.'),
  running: count('Jobs with a lease.'),
  dead: count('Jobs that were given up.'),
  oldest_ready_seconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
    description:
      'How long the job that has been ready for longest has waited: since its push, since its delay or backoff was ' +
      'over, or since it came back; null where none is ready.',
  }),
  parked: count('Polls that wait on the process that answers, at this moment.'),
  paused: Type.Boolean(),
};

const AsOf = Type.String({
  format: 'date-time',
  description: 'When the jobs were counted: at most five seconds ago, by the clock of the database.',
  examples: ['2026-11-22T13:14:56.789012Z'],
});

export const Stats = component('QueueStats', Type.Object({ ...figures, as_of: AsOf }));

export const Queues = component(
  'Queues',
  Type.Object({ as_of: AsOf, queues: Type.Array(component('QueueFigures', Type.Object(figures))) }),
);

export const State = Type.Enum(['scheduled', 'ready', 'running', 'dead']);

export const JobRecord = component(
  'JobRecord',
  Type.Object({
    id: JobId,
    queue: Queue,
    state: State,
    job: Type.Unknown({ description: 'As it was pushed, byte for byte.', examples: [JOB_EXAMPLE] }),
    priority: Type.Integer(),
    unique_key: Type.Optional(Type.String({ examples: ['all-variants'] })),
    attempts: Type.Integer({ description: 'Failed runs so far.' }),
    max_attempts: Type.Integer(),
    queued_at: Timestamp,
    run_at: Type.Optional(Timestamp),
    worker_id: Type.Optional(WorkerId),
    lease_expires_at: Type.Optional(Timestamp),
    cancel_requested: Type.Optional(Type.Boolean()),
    last_error: Type.Optional(Type.String({ examples: ['no such file'] })),
    died_at: Type.Optional(Timestamp),
  }),
);

export const Jobs = component(
  'Jobs',
  Type.Object({
    jobs: Type.Array(JobRecord),
    next: Type.Optional(
      Type.String({
        description: 'Where there are more: the value of `after` for them.',
        examples: ['1200'],
      }),
    ),
  }),
);

export const Purged = component('Purged', Type.Object({ purged: Type.Integer({ minimum: 0 }) }));

export const Redriven = component(
  'Redriven',
  Type.Object({
    redriven: count('Jobs that are ready again.'),
    skipped: count('Jobs that stay dead, because their unique key lives again.'),
  }),
);
