import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count } from '../text.js';
import { SearchField } from '../ui/fields.js';
import { Pager, Time, Trouble } from '../ui/parts.js';
import type { Worker } from './data.js';

/** The workers that hold jobs. */
export function WorkersView() {
  const { place } = useConsole();
  const [search, queue, after] = [useParameter('search'), useParameter('queue'), useParameter('after')];
  const query = { search, queue, after, limit: 50 };
  const looked = usePoll(`workers?${JSON.stringify(query)}`, (signal) =>
    read<{ workers: Worker[]; next?: string }>('/workers', query, signal),
  );
  const { data } = looked;
  return (
    <>
      <h1 tabIndex={-1}>Workers</h1>
      <p class="lead">Those that hold jobs now. Workers that wait for a job are counted with their queues.</p>
      <Trouble of={looked} />
      <search class="tools">
        <SearchField label="Find a worker" parameter="search" />
        <SearchField label="Of the queue" parameter="queue" />
      </search>
      {data && data.workers.length === 0 && <p class="empty">No worker holds a job.</p>}
      {data && data.workers.length > 0 && (
        <table class="list cards">
          <caption class="unseen">Workers that hold jobs</caption>
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">Queues</th>
              <th scope="col">Jobs</th>
              <th scope="col">Oldest since</th>
              <th scope="col">Heartbeat</th>
              <th scope="col">First lease ends</th>
            </tr>
          </thead>
          <tbody>
            {data.workers.map((worker) => (
              <tr key={worker.worker_id}>
                <th scope="row">
                  <a class="name" href={addressOf('worker', { worker: worker.worker_id })}>
                    {worker.worker_id}
                  </a>
                </th>
                <td data-label="Queues">
                  <QueueLinks queues={worker.queues} />
                </td>
                <td data-label="Jobs">{count(worker.running)}</td>
                <td data-label="Oldest since">
                  <Time at={worker.running_since} />
                </td>
                <td data-label="Heartbeat">
                  <Time at={worker.last_heartbeat_at} />
                </td>
                <td data-label="First lease ends">
                  <Time at={worker.lease_expires_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pager
        first={after ? addressOf('workers', { search, queue }) : undefined}
        next={data?.next && addressOf('workers', { ...Object.fromEntries(place.query), after: data.next })}
      />
    </>
  );
}

export function QueueLinks({ queues }: { queues: string[] }) {
  return (
    <span class="links">
      {queues.map((queue) => (
        <a key={queue} class="name" href={addressOf('queue', { queue, state: 'running' })}>
          {queue}
        </a>
      ))}
    </span>
  );
}
