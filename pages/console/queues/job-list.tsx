import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { SearchField } from '../ui/fields.js';
import { Pager, Trouble } from '../ui/parts.js';
import type { Job, JobPage, State } from './data.js';
import { ofQueue } from './data.js';
import { JobActions } from './job-actions.js';
import { JobTable } from './job-table.js';

const ON_A_PAGE = 50;

interface JobListOptions {
  /** Without it the jobs of all queues are listed, or of the one that the address names. */
  queue?: string;
  state: State;
  onChanged: () => void;
  /** Further filters. */
  tools?: ComponentChildren;
}

/** Jobs in a state, with filters and what can be done with them. */
export function JobList({ queue: only, state, onChanged, tools }: JobListOptions) {
  const { may, place } = useConsole();
  const [worker, key, error] = [useParameter('worker'), useParameter('unique_key'), useParameter('error')];
  const payload = useParameter('payload');
  const after = useParameter('after');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const named = useParameter('queue');
  const queue = only ?? named;
  const view = only === undefined ? 'jobs' : 'queue';
  const path = queue === '' ? '/jobs' : `${ofQueue(queue)}/jobs`;
  const order = state === 'dead' && queue !== '' ? 'newest' : undefined;
  const query = { state, worker, unique_key: key, error, payload, order, after, limit: ON_A_PAGE };
  const what = `${path}?${JSON.stringify(query)}`;
  const looked = usePoll(what, (signal) => read<JobPage>(path, query, signal));
  // What was chosen on another page or in another state would be acted on unseen.
  useEffect(() => setChosen(new Set()), [what]);
  const jobs = looked.data?.jobs ?? [];
  const shown = new Set(jobs.map(({ id }) => id));
  const filters = { queue, state, worker, unique_key: key, error, payload };

  function done(): void {
    setChosen(new Set());
    looked.again();
    onChanged();
  }

  return (
    <>
      <search class="tools">
        {tools}
        {(state === 'running' || worker !== '') && <SearchField label="Worker" parameter="worker" />}
        <SearchField label="Unique key" parameter="unique_key" />
        <SearchField label="Job has" parameter="payload" />
        {state !== 'completed' && <SearchField label="Error has" parameter="error" />}
      </search>
      <Trouble of={looked} />
      {may('admin') && state !== 'completed' && jobs.length > 0 && (
        <JobActions
          state={state}
          ids={[...chosen].filter((id) => shown.has(id))}
          match={filters}
          onDone={done}
        />
      )}
      {looked.data &&
        (jobs.length > 0 ? (
          <JobTable
            jobs={jobs}
            state={state}
            withQueue={only === undefined}
            {...(may('admin') && state !== 'completed' && { chosen, onChoose: setChosen })}
          />
        ) : (
          <p class="empty">{emptyText(state, looked.data)}</p>
        ))}
      <Pager
        first={after ? addressOf(view, filters) : undefined}
        next={
          looked.data?.next &&
          addressOf(view, { ...Object.fromEntries(place.query), ...filters, after: looked.data.next })
        }
      />
    </>
  );
}

const NONE: Record<State, string> = {
  ready: 'No job is waiting.',
  scheduled: 'No job is scheduled.',
  running: 'No job is running.',
  dead: 'No job is dead.',
  completed: 'No completed job is kept. QUEUE_COMPLETED_RETENTION_MINUTES says for how long they are.',
};

function emptyText(state: State, { next }: { jobs: Job[]; next?: string }): string {
  return next === undefined ? NONE[state] : 'None among the jobs that were looked at; Next looks further.';
}
