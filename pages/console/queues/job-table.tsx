import type { ComponentChildren } from 'preact';
import { addressOf } from '../address.js';
import { jsonText } from '../json.js';
import { duration } from '../text.js';
import { Time } from '../ui/parts.js';
import type { Job, State } from './data.js';

type Column = [title: string, cell: (job: Job) => ComponentChildren];

const worker: Column = [
  'Worker',
  ({ worker_id: id }) =>
    id === undefined ? (
      '–'
    ) : (
      <a class="name" href={addressOf('worker', { worker: id })}>
        {id}
      </a>
    ),
];
const error: Column = [
  'Last error',
  ({ last_error: text }) => (text ? <span class="excerpt">{text}</span> : '–'),
];
const attempts: Column = ['Failed runs', ({ attempts, max_attempts: most }) => `${attempts} of ${most}`];
const queued: Column = ['Pushed', ({ queued_at: at }) => <Time at={at} />];
const payload: Column = ['Job', ({ job }) => <span class="excerpt code">{excerpt(job)}</span>];

const COLUMNS: Record<State, Column[]> = {
  ready: [
    payload,
    ['Waiting since', ({ ready_since: at, queued_at }) => <Time at={at ?? queued_at} />],
    queued,
    attempts,
    error,
  ],
  scheduled: [payload, ['Runs', ({ run_at: at }) => <Time at={at} />], queued, attempts, error],
  running: [
    payload,
    worker,
    ['Since', ({ running_since: at }) => <Time at={at} />],
    ['Lease ends', ({ lease_expires_at: at }) => <Time at={at} />],
    ['Heartbeat', ({ last_heartbeat_at: at }) => <Time at={at} />],
    attempts,
  ],
  dead: [payload, error, ['Died', ({ died_at: at }) => <Time at={at} />], queued, attempts],
  completed: [
    payload,
    ['Completed', ({ completed_at: at }) => <Time at={at} />],
    ['Took', ({ ran_seconds: seconds }) => duration(seconds)],
    queued,
  ],
};

interface JobTableOptions {
  jobs: Job[];
  /** Which columns are shown. */
  state: State;
  /** Where jobs can be chosen: which are. */
  chosen?: ReadonlySet<string>;
  onChoose?: (chosen: ReadonlySet<string>) => void;
  /** Whether they are of several queues. */
  withQueue?: boolean;
  /** Whether they are of one worker. */
  ofWorker?: boolean;
}

/** A row for each job. */
export function JobTable({
  jobs,
  state,
  chosen,
  onChoose,
  withQueue = false,
  ofWorker = false,
}: JobTableOptions) {
  const own = COLUMNS[state];
  const others = ofWorker ? own.filter((column) => column !== worker) : own;
  const columns = withQueue ? [queueColumn, ...others] : others;
  const isAll = chosen !== undefined && jobs.every(({ id }) => chosen.has(id));
  function choose(ids: string[], isChosen: boolean): void {
    const next = new Set(chosen);
    for (const id of ids) {
      if (isChosen) next.add(id);
      else next.delete(id);
    }
    onChoose?.(next);
  }
  return (
    <table class="list cards jobs">
      <caption class="unseen">Jobs</caption>
      <thead>
        <tr>
          {onChoose && (
            <td class="choice">
              <input
                type="checkbox"
                aria-label="Choose all of this page"
                checked={isAll}
                onChange={(event) =>
                  choose(
                    jobs.map(({ id }) => id),
                    event.currentTarget.checked,
                  )
                }
              />
            </td>
          )}
          <th scope="col">Id</th>
          {columns.map(([title]) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.id}>
            {onChoose && (
              <td class="choice">
                <input
                  type="checkbox"
                  aria-label={`Choose ${job.id}`}
                  checked={chosen?.has(job.id) ?? false}
                  onChange={(event) => choose([job.id], event.currentTarget.checked)}
                />
              </td>
            )}
            <th scope="row">
              <a class="id" href={addressOf('job', { id: job.id })} title={job.id}>
                {shortId(job.id)}
              </a>{' '}
              {job.cancel_requested && <span class="badge">cancel requested</span>}
            </th>
            {columns.map(([title, cell]) => (
              <td key={title} data-label={title}>
                {cell(job)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const queueColumn: Column = [
  'Queue',
  ({ queue }) => (
    <a class="name" href={addressOf('queue', { queue })}>
      {queue}
    </a>
  ),
];

/** Without the last group, which ids of a process share. */
function shortId(id: string): string {
  return id.slice(0, 23);
}

const EXCERPT = 160;

function excerpt(job: unknown): string {
  const text = jsonText(job);
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
}
