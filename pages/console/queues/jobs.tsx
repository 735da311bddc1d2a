import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { SearchField } from '../ui/fields.js';
import { Trouble } from '../ui/parts.js';
import { MOST_AGE, type Queues } from './data.js';
import { JobList } from './job-list.js';
import { StateTabs, stateOf } from './state-tabs.js';

/** The jobs of all queues by state, for what has befallen several of them. */
export function JobsView() {
  const { may } = useConsole();
  const state = stateOf(useParameter('state')) ?? 'running';
  const looked = usePoll('totals of all queues', (signal, isAgain) =>
    read<Queues>('/queues', { limit: 1, ...(!isAgain && { max_age: MOST_AGE }) }, signal),
  );
  return (
    <>
      <p class="path">
        <a href={addressOf('queues')}>Queues</a> /
      </p>
      <h1 tabIndex={-1}>Jobs of all queues</h1>
      <Trouble of={looked} />
      <StateTabs
        shown={state}
        counts={looked.data?.totals}
        hrefOf={(one) => addressOf('jobs', { state: one })}
      />
      {may('write') ? (
        <JobList
          state={state}
          onChanged={looked.again}
          tools={<SearchField label="Queue" parameter="queue" />}
        />
      ) : (
        <p class="muted">Jobs are shown to keys with the scope write.</p>
      )}
    </>
  );
}
