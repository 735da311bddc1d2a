import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole } from '../console-context.js';
import { usePoll } from '../poll.js';
import { counted, duration } from '../text.js';
import { type Job, type JobPage, ofQueue, type Queue, type TroubleName } from './data.js';

/** More of an error is on the page of its job. */
const MOST_ERROR = 200;

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

/** The same in sentences, for the page of the queue: dead jobs with an error, and the way to them. */
export function TroubleNotice({ of: queue }: { of: Queue }) {
  const { may } = useConsole();
  const [first] = useFirstDead(queue, may('write'));
  if (queue.trouble.length === 0) return null;
  const sentences = sentencesOf(queue);
  return (
    <ul class="notice">
      {queue.trouble.map((name) => (
        <li key={name}>
          {sentences[name]}
          {name === 'dead' && (
            <>
              {first?.last_error && (
                <>
                  {' '}
                  The first of them: <q class="name">{first.last_error.slice(0, MOST_ERROR)}</q>
                </>
              )}{' '}
              <a href={addressOf('queue', { queue: queue.queue, state: 'dead' })}>Show the dead jobs</a>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The job that died first, again whenever their number has changed. The API lists them in this order. */
function useFirstDead({ queue, dead }: Queue, mayRead: boolean): Job[] {
  const query = { state: 'dead', limit: 1 };
  const { data } = usePoll(
    `first dead ${queue} ${dead}`,
    dead > 0 && mayRead ? (signal) => read<JobPage>(`${ofQueue(queue)}/jobs`, query, signal) : undefined,
    { once: true },
  );
  return data?.jobs ?? [];
}

function sentencesOf({ dead, ready, oldest_ready_seconds: oldest }: Queue): Record<TroubleName, string> {
  return {
    paused: 'The queue is paused: workers get no jobs.',
    dead: `${counted(dead, 'job')} failed too often and ${dead === 1 ? 'is' : 'are'} not retried any more.`,
    stalled: `${counted(ready, 'job')} ${ready === 1 ? 'waits' : 'wait'}, and no worker is running or waiting at this process.`,
    old: `The oldest job has been waiting for ${duration(oldest)}.`,
  };
}
