import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count } from '../text.js';
import { Fact, Facts, Pager, Section, Time, Trouble } from '../ui/parts.js';
import type { JobPage, Worker } from './data.js';
import { JobTable } from './job-table.js';
import { QueueLinks } from './workers.js';

/** One worker, with the jobs that it holds. */
export function WorkerView() {
  const name = useParameter('worker');
  const after = useParameter('after');
  const isAllowed = useConsole().may('write');
  const looked = usePoll(
    `worker ${name} ${after}`,
    isAllowed
      ? (signal) =>
          read<Worker & JobPage>(`/workers/${encodeURIComponent(name)}`, { after, limit: 50 }, signal)
      : undefined,
  );
  const { data: worker } = looked;
  return (
    <>
      <p class="path">
        <a href={addressOf('workers')}>Workers</a> /
      </p>
      <h1 tabIndex={-1} class="name">
        {name}
      </h1>
      {!isAllowed && <p class="muted">What a worker holds is shown to keys with the scope write.</p>}
      <Trouble of={looked} />
      {worker && (
        <>
          <Facts>
            <Fact name="Jobs">{count(worker.running)}</Fact>
            <Fact name="Oldest since">
              <Time at={worker.running_since} />
            </Fact>
            <Fact name="Last heartbeat">
              <Time at={worker.last_heartbeat_at} />
            </Fact>
            <Fact name="First lease ends">
              <Time at={worker.lease_expires_at} />
            </Fact>
            <Fact name="Queues" isWide>
              <QueueLinks queues={worker.queues} />
            </Fact>
          </Facts>
          <Section title="What it holds">
            {worker.jobs.length > 0 ? (
              <JobTable jobs={worker.jobs} state="running" withQueue ofWorker />
            ) : (
              <p class="empty">It holds no job now. It may be waiting for one.</p>
            )}
            <Pager
              first={after ? addressOf('worker', { worker: name }) : undefined}
              next={worker.next && addressOf('worker', { worker: name, after: worker.next })}
            />
          </Section>
        </>
      )}
    </>
  );
}
