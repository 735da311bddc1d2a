import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count, duration, said } from '../text.js';
import { Totals, Trouble } from '../ui/parts.js';
import { type History, MOST_AGE, ofQueue, type Queue, type State, setPaused } from './data.js';
import { QueueHistory } from './history.js';
import { JobList } from './job-list.js';
import { PurgeDialog } from './purge.js';
import { StateTabs, stateOf } from './state-tabs.js';
import { TroubleNotice } from './trouble.js';

/** The history is one of minutes. */
const HISTORY_MS = 15_000;

/** One queue: its figures, its last hour, and its jobs by state. */
export function QueueView() {
  const name = useParameter('queue');
  const { may, say } = useConsole();
  const [isPurging, setPurging] = useState(false);
  // Pages that poll share a count, but after a change the figures from before it would be wrong.
  const looked = usePoll(`queue ${name}`, (signal, isAgain) =>
    read<Queue>(ofQueue(name), isAgain ? {} : { max_age: MOST_AGE }, signal),
  );
  const past = usePoll(`history ${name}`, (signal) => read<History>(`${ofQueue(name)}/history`, {}, signal), {
    every: HISTORY_MS,
  });
  const { data: queue } = looked;
  const state = useShownState(
    queue && (queue.dead > 0 && queue.ready + queue.running === 0 ? 'dead' : 'ready'),
  );

  async function togglePause(isPaused: boolean): Promise<void> {
    try {
      await setPaused(name, isPaused);
      say(isPaused ? `${name} is paused.` : `${name} is running again.`);
      looked.again();
    } catch (error) {
      say(said(error), true);
    }
  }

  return (
    <>
      <p class="path">
        <a href={addressOf('queues')}>Queues</a> /
      </p>
      <div class="head">
        <h1 tabIndex={-1} class="name">
          {name}
        </h1>
        {queue && may('admin') && (
          <div class="actions">
            <button type="button" onClick={() => void togglePause(!queue.paused)}>
              {queue.paused ? 'Resume' : 'Pause'}
            </button>
            <button type="button" class="apart" onClick={() => setPurging(true)}>
              Purge…
            </button>
          </div>
        )}
      </div>
      <Trouble of={looked} />
      {queue && <TroubleNotice of={queue} />}
      {queue && isUnknown(queue) && (
        <p class="muted">
          The service has no job of this queue now, and no worker waits for one: perhaps its name is another.
        </p>
      )}
      {queue && (
        <Totals
          of={[
            { name: 'Waiting', value: count(queue.ready) },
            { name: 'Oldest', value: duration(queue.oldest_ready_seconds) },
            { name: 'Running', value: count(queue.running) },
            { name: 'Scheduled', value: count(queue.scheduled) },
            {
              name: 'Dead',
              href: addressOf('queue', { queue: name, state: 'dead' }),
              value: count(queue.dead),
              kind: queue.dead > 0 ? 'bad' : undefined,
            },
            { name: 'Waiting workers', value: count(queue.parked) },
          ]}
        />
      )}
      {past.data && <QueueHistory history={past.data} />}
      <StateTabs
        shown={state}
        counts={queue}
        hrefOf={(one) => addressOf('queue', { queue: name, state: one })}
      />
      {may('write') ? (
        state && <JobList queue={name} state={state} onChanged={looked.again} />
      ) : (
        <p class="muted">Jobs are shown to keys with the scope write.</p>
      )}
      {isPurging && queue && (
        <PurgeDialog
          queue={queue}
          onClose={() => setPurging(false)}
          onDone={(text) => {
            say(text);
            looked.again();
          }}
        />
      )}
    </>
  );
}

function isUnknown({ ready, scheduled, running, dead, parked, paused }: Queue): boolean {
  return ready + scheduled + running + dead + parked === 0 && !paused;
}

/** The state that the address names; else the one that was best when the queue was first seen. */
function useShownState(best: State | undefined): State | undefined {
  const named = stateOf(useParameter('state'));
  const [first, setFirst] = useState<State>();
  if (first === undefined && best !== undefined) setFirst(best);
  return named ?? first ?? best;
}
