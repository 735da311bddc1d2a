import Type from 'typebox';
import { component, text } from '../../schema.js';
import { Timestamp, WorkerId } from '../values.js';
import { LEASE_PATTERN } from './lease.js';

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

/** 256 KiB of job, and what stands around it. */
export const JOB_BYTES = 256 * 1024;
export const PUSH_BYTES = JOB_BYTES + 32 * 1024;

const JobId = Type.String({
  pattern: UUID,
  description: 'A UUID, in lower case.',
  examples: ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77'],
});

export const LeaseName = Type.String({
  pattern: LEASE_PATTERN,
  description: 'Names the job and this hand-out of it: proof that it is still the holder who speaks.',
  examples: ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1'],
});

const LeaseSeconds = Type.Integer({
  minimum: 1,
  maximum: 43_200,
  description: 'How long a worker may keep the job before it is given to another.',
});

export const NewJobBody = component(
  'NewJob',
  Type.Object(
    {
      job: Type.Unknown({
        description: 'Any JSON value of at most 256 KiB, kept byte for byte.',
        examples: [{ Identifier: { identifier: '3a/7d/01/9f/d3a91c5be2f4.webp' } }],
      }),
      id: Type.Optional(JobId),
      unique_key: Type.Optional(
        text('unique_key_too_long', 255, {
          description: 'At most one job with this key waits or runs in the queue.',
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
          description: 'Not before this many seconds from now.',
        }),
      ),
      run_at: Type.Optional(Timestamp),
      max_attempts: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: 'Failed runs after which the job is dead.' }),
      ),
      lease_seconds: Type.Optional(LeaseSeconds),
    },
    { additionalProperties: false },
  ),
);

export const PushedJob = component(
  'PushedJob',
  Type.Object({
    id: JobId,
    duplicate: Type.Boolean({ description: 'Whether a job with this id or unique key stood already.' }),
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
        Type.Array(LeaseName, {
          maxItems: 1000,
          description: 'Leases of jobs that are done: completed before anything is claimed.',
        }),
      ),
      idempotency_key: Type.Optional(
        text('idempotency_key_too_long', 255, {
          description: 'The same worker and key get the same jobs again, while they run: for a lost answer.',
          examples: ['7d6c2c1e'],
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

const Job = component(
  'Job',
  Type.Object({
    id: JobId,
    lease: LeaseName,
    job: Type.Unknown({ description: 'As it was pushed, byte for byte.' }),
    attempt: Type.Integer({
      minimum: 1,
      description: 'Which run this is: failed runs so far, and this one.',
    }),
    max_attempts: Type.Integer({ minimum: 1 }),
    queued_at: Timestamp,
    lease_expires_at: Timestamp,
  }),
);

export const PoppedJobs = component(
  'PoppedJobs',
  Type.Object({
    jobs: Type.Array(Job),
    completed: Type.Optional(
      Type.Array(
        Type.Object({
          lease: LeaseName,
          outcome: Type.Enum(['completed', 'gone', 'lost'], {
            description: 'gone: there is no such job any more. lost: somebody else has it, or will.',
          }),
        }),
      ),
    ),
    retry_after_seconds: Type.Optional(
      Type.Number({ description: 'Set where the completions are committed, but nothing could be claimed.' }),
    ),
  }),
);

export const Requeued = component('Requeued', Type.Object({ requeued: Type.Integer({ minimum: 0 }) }));
