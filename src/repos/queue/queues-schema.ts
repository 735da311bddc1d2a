import Type from 'typebox';
import { component, text } from '../../schema.js';
import { orNull, Queue } from '../values.js';
import { readListCursor, toListCursor } from './list-cursor.js';
import { count, timestamp } from './schema.js';

/* The figures of queues, and their history. */

const figures = {
  queue: Queue,
  ready: count('Jobs that wait for a worker.'),
  scheduled: count('Jobs that wait for their time.'),
  running: count('Jobs with a lease.'),
  dead: count('Jobs that are not retried any more.'),
  oldest_ready_seconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
    description:
      'The age of the job that has been ready for longest, counted from when it became ready: with its push, when its ' +
      'delay or backoff was over, or when it was given back. null if no job is ready.',
  }),
  parked: count('Pops that wait for jobs of this queue, on the process that answers.'),
  paused: Type.Boolean(),
  trouble: Type.Array(Type.Enum(['paused', 'dead', 'stalled', 'old']), {
    description:
      'Why to look at it: it is paused; it has dead jobs; stalled: jobs have been ready for more than 10 seconds, no job is ' +
      'running, and no pop waits on the process that answers; old: a job has been ready for more than 15 minutes. ' +
      'A paused queue is neither stalled nor old.',
  }),
};

const AsOf = timestamp('When the jobs were counted: at most five seconds ago, by the clock of the database.');

export const Stats = component('QueueStats', Type.Object({ ...figures, as_of: AsOf }));

const CURSOR = toListCursor([42], 'process');

/** How the list of the queues is asked for. */
export const listQuery = {
  search: Type.Optional(
    text('queue_too_long', 255, {
      description: 'Queues whose name has this part; case does not matter.',
      examples: ['proc'],
    }),
  ),
  sort: Type.Optional(
    Type.Enum(['name', 'ready', 'scheduled', 'running', 'dead', 'oldest', 'trouble'], {
      description:
        'name (by default), or a figure: then the largest come first, and equal ones in the order of their names. oldest: ' +
        'by `oldest_ready_seconds`. trouble: by the number of troubles, then by `dead`, then by `oldest_ready_seconds`.',
    }),
  ),
  trouble: Type.Optional(Type.Boolean({ description: 'true: only queues with a `trouble`.' })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'Maximum number of queues; by default all.' }),
  ),
  after: Type.Optional(
    Type.Refine(
      Type.String({
        description: '`next` of the page before, with the same `sort`. Opaque.',
        examples: [CURSOR],
      }),
      (cursor) => readListCursor(cursor) !== undefined,
      () => 'must be `next` of the page before',
    ),
  ),
  max_age: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 5,
      description:
        'How many seconds old the figures may be; by default 0. A page that asks again and again should send 2 or more: ' +
        'one count then serves all such pages.',
    }),
  ),
  trend: Type.Optional(Type.Boolean({ description: 'true: with the last hour of each queue.' })),
};

const perMinute = (description: string) => Type.Array(Type.Integer({ minimum: 0 }), { description });

const Trend = component(
  'QueueTrend',
  Type.Object(
    {
      pushed: perMinute('Jobs that were pushed.'),
      completed: perMinute('Jobs that were completed.'),
      failed: perMinute('Runs that failed, or whose lease expired.'),
      ready: Type.Array(orNull(Type.Integer({ minimum: 0 })), {
        description: 'Ready jobs; null where nobody had the jobs counted in that minute.',
      }),
    },
    {
      description:
        'A number for each whole minute, the oldest first, 60 at most: what happened through the process that answers.',
    },
  ),
);

export const Queues = component(
  'Queues',
  Type.Object({
    as_of: AsOf,
    queues: Type.Array(component('QueueFigures', Type.Object({ ...figures, trend: Type.Optional(Trend) }))),
    matched: count('Queues that the search finds, on all pages.'),
    total: count('All queues.'),
    totals: Type.Object(
      {
        ready: count('Jobs that wait for a worker.'),
        scheduled: count('Jobs that wait for their time.'),
        running: count('Jobs with a lease.'),
        dead: count('Jobs that are not retried any more.'),
        parked: count('Pops that wait on the process that answers.'),
        paused: count('Paused queues.'),
        troubled: count('Queues with a `trouble`.'),
      },
      { description: 'Of all queues, whether the search finds them or not.' },
    ),
    next: Type.Optional(
      Type.String({ description: '`after` for the next page. Missing at the end.', examples: [CURSOR] }),
    ),
    history: Type.Optional(
      Type.Object({
        since: timestamp('When the process that answers began to count.'),
        from: timestamp('The minute of the first numbers of the trends.'),
      }),
    ),
  }),
);

const seconds = (description: string) => orNull(Type.Number({ minimum: 0, description }));

export const QueueHistory = component(
  'QueueHistory',
  Type.Object({
    queue: Queue,
    since: timestamp('When the process that answers began to count.'),
    shared: Type.Boolean({
      description:
        'true: a process keeps the history of 1,000 queues, this is not among them, and the minutes are those of all the rest.',
    }),
    minutes: Type.Array(
      Type.Object({
        at: timestamp('When the minute began.'),
        pushed: count('Jobs that were pushed.'),
        completed: count('Jobs that were completed.'),
        failed: count('Runs that failed, or whose lease expired, or whose worker started again.'),
        died: count('Jobs that died.'),
        wait_p50: seconds('Half of the jobs were ready no longer than this before they were handed out.'),
        wait_p99: seconds('The same of 99 of 100 jobs.'),
        run_p50: seconds('Half of the runs took no longer than this.'),
        run_p99: seconds('The same of 99 of 100 runs.'),
        ready: orNull(count('Ready jobs, as last counted in this minute; null where nobody asked.')),
        running: orNull(count('Running jobs, as last counted in this minute; null where nobody asked.')),
      }),
      { description: 'The oldest first, 61 at most; the last minute still runs.' },
    ),
  }),
);
