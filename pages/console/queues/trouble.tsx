import { counted, duration } from '../text.js';
import type { Queue, TroubleName } from './data.js';

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

/** The same in sentences, for the page of the queue. */
export function sentencesOf({ trouble, dead, ready, oldest_ready_seconds: oldest }: Queue): string[] {
  const sentences: Record<TroubleName, string> = {
    paused: 'The queue is paused: workers get no jobs.',
    dead: `${counted(dead, 'job')} failed too often and ${dead === 1 ? 'is' : 'are'} not retried any more.`,
    stalled: `${counted(ready, 'job')} ${ready === 1 ? 'waits' : 'wait'}, and no worker is running or waiting at this process.`,
    old: `The oldest job has been waiting for ${duration(oldest)}.`,
  };
  return trouble.map((name) => sentences[name]);
}
