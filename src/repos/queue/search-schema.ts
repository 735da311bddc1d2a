import Type, { type TSchema } from 'typebox';
import { batch, component, text } from '../../schema.js';
import { orNull, Queue, WorkerId } from '../values.js';
import { BATCH_ITEMS, count, JobId, JobRecord, State, timestamp } from './schema.js';
import { readSearchCursor, toSearchCursor } from './search-cursor.js';

/*
 * What people who run the service ask for: searches of jobs, changes of chosen jobs, workers.
 */

const CURSOR = toSearchCursor({ part: 'dead', queue: 'process', priority: 0, seq: '1200' });

export const SearchCursor = Type.Refine(
  Type.String({ description: '`next` of the answer before. Opaque.', examples: [CURSOR] }),
  (cursor) => readSearchCursor(cursor) !== undefined,
  () => 'must be `next` of the answer before',
);

/** Pages without a filter go on after a number. */
export const JobsCursor = Type.Refine(
  Type.String({ description: '`next` of the page before. Opaque.', examples: ['1200'] }),
  (cursor) => /^\d{1,18}$/.test(cursor) || readSearchCursor(cursor) !== undefined,
  () => 'must be `next` of the page before',
);

/** By what jobs are searched, besides their queue and their state. */
export const filters = {
  worker: Type.Optional(WorkerId),
  unique_key: Type.Optional(
    text('unique_key_too_long', 255, {
      description: 'The unique key of the job.',
      examples: ['all-variants'],
    }),
  ),
  error: Type.Optional(
    text('error_too_long', 1024, {
      description: 'A part of the last error. The case of ASCII letters does not matter.',
      examples: ['no such file'],
    }),
  ),
  payload: Type.Optional(
    text('payload_too_long', 2048, {
      description:
        'A part of the job as it was pushed, byte for byte: what is escaped there is escaped here. The case of ASCII ' +
        'letters does not matter.',
      examples: ['3a/7d/01/9f/d3a91c5be2f4.webp'],
    }),
  ),
};

export const pageLimit = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'Maximum number of records; by default 100.' }),
  ),
};

interface ChoiceBody {
  ids?: string[];
  match?: object;
  limit?: number;
  after?: string;
}

/** The other members say how the jobs of a filter are gone through. */
function isOneChoice({ ids, match, limit, after }: ChoiceBody): boolean {
  return ids === undefined
    ? match !== undefined
    : match === undefined && limit === undefined && after === undefined;
}

function isNarrow({ queue, worker, unique_key, error, payload }: Record<string, unknown>): boolean {
  return [queue, worker, unique_key, error, payload].some((value) => value !== undefined);
}

/** The body of a change of chosen jobs. */
function choice<S extends TSchema>(name: string, state: S, example: object) {
  const match = Type.Refine(
    Type.Object(
      { queue: Type.Optional(Queue), state, ...filters },
      {
        additionalProperties: false,
        description: 'All jobs with these properties; at least one of them beside `state`.',
      },
    ),
    isNarrow,
    () => 'must have queue, worker, unique_key, error or payload',
  );
  return component(
    name,
    Type.Refine(
      Type.Object(
        {
          ids: Type.Optional(batch(JobId, BATCH_ITEMS, 'The jobs. Each has a result of its own.')),
          match: Type.Optional(match),
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 10_000,
              description: 'With `match`: the maximum number of jobs of this request; by default 1000.',
            }),
          ),
          after: Type.Optional(SearchCursor),
          dry_run: Type.Optional(
            Type.Boolean({
              description: 'true: nothing is changed, and `matched` counts the jobs that would be tried.',
            }),
          ),
        },
        { additionalProperties: false, examples: [example] },
      ),
      isOneChoice,
      () => 'must have either ids, or match with perhaps limit and after',
    ),
  );
}

const ids = ['019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77'];

export const RetryChoice = choice('RetryChoice', Type.Optional(Type.Enum(['dead'])), {
  match: { queue: 'process', error: 'no such file' },
});
export const RunNowChoice = choice('RunNowChoice', Type.Optional(Type.Enum(['scheduled'])), { ids });
export const RemoveChoice = choice('RemoveChoice', State, { match: { queue: 'process', state: 'dead' } });

export const Chosen = component(
  'Chosen',
  Type.Object({
    matched: count('Jobs that were found.'),
    changed: count('Jobs that were changed.'),
    skipped: count('Jobs that were found and not changed.'),
    more: Type.Boolean({
      description: 'With `match`: there may be more jobs. Send the request again with `next`.',
    }),
    next: Type.Optional(
      Type.String({ description: 'The value of `after` for the jobs that are left.', examples: [CURSOR] }),
    ),
    results: Type.Optional(
      Type.Array(
        Type.Object({
          id: JobId,
          outcome: Type.Enum(
            ['retried', 'ready', 'removed', 'cancel_requested', 'matched', 'skipped', 'not_found'],
            { description: 'matched: a dry run has found the job, and changed nothing.' },
          ),
          reason: Type.Optional(
            Type.Enum(['scheduled', 'ready', 'running', 'dead', 'unique_key_used', 'locked', 'failed'], {
              description:
                'Why it was skipped: its state; another job has its unique key; another transaction holds its row or ' +
                'its key, so send it again; or the database refused the change of this job.',
            }),
          ),
        }),
        { description: 'With `ids`: one for each of them, in their order.' },
      ),
    ),
  }),
);

export const DeadErrors = component(
  'DeadErrors',
  Type.Object({
    looked_at: count('How many of the newest dead jobs were read, 1,000 at most.'),
    more: Type.Boolean({ description: 'Whether the queue has older dead jobs.' }),
    different: count('How many different errors the jobs that were read have.'),
    errors: Type.Array(
      Type.Object({
        error: orNull(
          Type.String({ description: 'null: these jobs have no error.', examples: ['no such file'] }),
        ),
        jobs: count('How many of these jobs have this error.'),
        newest: Type.Object({ id: JobId, died_at: timestamp('When it died.') }),
      }),
      { description: 'The newest first, 20 at most.' },
    ),
  }),
);

const worker = {
  worker_id: WorkerId,
  running: count('Jobs that it runs.'),
  queues: Type.Array(Queue, { description: 'The queues of these jobs; 20 at most are named.' }),
  running_since: Type.Optional(timestamp('When its oldest run began.')),
  last_heartbeat_at: Type.Optional(timestamp('The last sign of life: a heartbeat, or the claim of a job.')),
  lease_expires_at: Type.Optional(timestamp('When the first of its leases ends.')),
};

export const Workers = component(
  'Workers',
  Type.Object({
    workers: Type.Array(component('WorkerFigures', Type.Object(worker))),
    next: Type.Optional(
      Type.String({
        description: 'The value of `after` for the next page. Missing at the end.',
        examples: ['pict-1'],
      }),
    ),
  }),
);

export const WorkerRecord = component(
  'WorkerRecord',
  Type.Object({
    ...worker,
    jobs: Type.Array(JobRecord),
    next: Type.Optional(
      Type.String({
        description: 'The value of `after` for more jobs. Missing at the end.',
        examples: [CURSOR],
      }),
    ),
  }),
);

export const WorkerSearch = text('worker_id_too_long', 255, {
  description: 'A part of the id of the worker. The case of ASCII letters does not matter.',
  examples: ['pict'],
});
