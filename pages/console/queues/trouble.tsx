import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count, counted, duration } from '../text.js';
import { Time } from '../ui/parts.js';
import { ofQueue, type Queue, type TroubleName } from './data.js';

/** More of an error is on the page of its job. */
const MOST_ERROR = 200;
const MOST_ERRORS = 3;

const LABELS: Record<TroubleName, string> = {
  paused: 'paused',
  dead: 'dead jobs',
  stalled: 'no workers',
  old: 'waits long',
};

/** What is wrong with a queue, in a word or two each. */
export function TroubleBadges({ of: { trouble } }: { of: Queue }) {
  return (
    <>
      {trouble.map((name) => (
        <span key={name} class={name === 'dead' ? 'badge bad' : 'badge'}>
          {LABELS[name]}
        </span>
      ))}
    </>
  );
}

/** The same in sentences, for the page of the queue: dead jobs with their newest errors, and the way to them. */
export function TroubleNotice({ of: queue }: { of: Queue }) {
  if (queue.trouble.length === 0) return null;
  const sentences = sentencesOf(queue);
  return (
    <ul class="notice">
      {queue.trouble.map((name) => (
        <li key={name}>
          {sentences[name]}
          {name === 'dead' && (
            <>
              {' '}
              <a href={addressOf('queue', { queue: queue.queue, state: 'dead' })}>Show the dead jobs</a>
              <Errors of={queue} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

interface DeadErrors {
  looked_at: number;
  more: boolean;
  different: number;
  errors: { error: string | null; jobs: number; newest: { id: string; died_at: string } }[];
}

/** The newest errors, each with the number of jobs that died of it; again whenever the number of dead jobs has changed. */
function Errors({ of: { queue, dead } }: { of: Queue }) {
  const mayRead = useConsole().may('write');
  const { data } = usePoll(
    `errors of ${queue} ${dead}`,
    mayRead ? (signal) => read<DeadErrors>(`${ofQueue(queue)}/errors`, {}, signal) : undefined,
    { once: true },
  );
  if (!data || data.errors.length === 0) return null;
  const { errors, looked_at: lookedAt, more, different } = data;
  const others = different - MOST_ERRORS;
  return (
    <ul class="errors">
      {errors.slice(0, MOST_ERRORS).map(({ error, jobs, newest }) => (
        <li key={error}>
          {error ? (
            <a href={addressOf('queue', { queue, state: 'dead', error: error.slice(0, MOST_ERROR) })}>
              {error.slice(0, MOST_ERROR)}
            </a>
          ) : (
            'no error was given'
          )}{' '}
          <span class="muted">
            {more ? `${count(jobs)} of the newest ${counted(lookedAt, 'job')}` : counted(jobs, 'job')}, last{' '}
            <a href={addressOf('job', { id: newest.id })}>
              <Time at={newest.died_at} />
            </a>
          </span>
        </li>
      ))}
      {others > 0 && <li class="muted">and {counted(others, 'other error')}</li>}
    </ul>
  );
}

function sentencesOf({ dead, ready, oldest_ready_seconds: oldest }: Queue): Record<TroubleName, string> {
  return {
    paused: 'The queue is paused: workers get no jobs.',
    dead: `${counted(dead, 'job')} failed too often and ${dead === 1 ? 'is' : 'are'} not retried any more.`,
    stalled: `${counted(ready, 'job')} ${ready === 1 ? 'waits' : 'wait'}, and no worker is running or waiting at this process.`,
    old: `The oldest job has been waiting for ${duration(oldest)}.`,
  };
}
