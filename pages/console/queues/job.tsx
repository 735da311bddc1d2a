import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { Refusal, read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { jsonText } from '../json.js';
import { usePoll } from '../poll.js';
import { duration, said } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import { Code, Fact, Facts, Lines, Section, Time, Trouble } from '../ui/parts.js';
import { type Action, actOnAll, type Job, STATE_LABELS } from './data.js';
import { actionsOf, doneText } from './job-actions.js';

/** One job: payload, attempts, errors and times. */
export function JobView() {
  const id = useParameter('id');
  const { may } = useConsole();
  const isAllowed = may('write');
  const looked = usePoll(
    `job ${id}`,
    isAllowed ? (signal) => read<Job>(`/jobs/${encodeURIComponent(id)}`, {}, signal) : undefined,
  );
  const { data: job, error } = looked;
  const isGone = error instanceof Refusal && error.status === 404;
  return (
    <>
      <p class="path">
        <a href={addressOf('queues')}>Queues</a> /{' '}
        {job && (
          <>
            <a class="name" href={addressOf('queue', { queue: job.queue, state: job.state })}>
              {job.queue}
            </a>{' '}
            /
          </>
        )}
      </p>
      <div class="head">
        <h1 tabIndex={-1}>
          Job <code class="name">{id}</code>
        </h1>
        {job && !isGone && may('admin') && <Actions job={job} onDone={looked.again} />}
      </div>
      {!isAllowed && <p class="muted">Jobs are shown to keys with the scope write.</p>}
      {isGone ? (
        <p class="notice" role="alert">
          {job
            ? 'The job has ended: it was completed or deleted. What you see was read before.'
            : 'There is no such job: it was completed or deleted, or never pushed.'}
        </p>
      ) : (
        <Trouble of={looked} />
      )}
      {job && <JobFacts job={job} />}
    </>
  );
}

function JobFacts({ job }: { job: Job }) {
  return (
    <>
      <Facts>
        <Fact name="State">
          <span class={job.state === 'dead' ? 'badge bad' : 'badge plain'}>{STATE_LABELS[job.state]}</span>
          {job.cancel_requested && <span class="badge">cancel requested</span>}
        </Fact>
        <Fact name="Failed runs">
          {job.attempts} of {job.max_attempts}
        </Fact>
        <Fact name="Priority">{job.priority}</Fact>
        {job.unique_key !== undefined && (
          <Fact name="Unique key">
            <Code text={job.unique_key} />
          </Fact>
        )}
        <Fact name="Pushed">
          <Time at={job.queued_at} />
        </Fact>
        {job.state === 'ready' && (
          <Fact name="Waiting since">
            <Time at={job.ready_since ?? job.queued_at} />
          </Fact>
        )}
        {job.state === 'scheduled' && (
          <Fact name="Runs">
            <Time at={job.run_at} />
          </Fact>
        )}
        {job.worker_id !== undefined && (
          <Fact name="Worker">
            <a class="name" href={addressOf('worker', { worker: job.worker_id })}>
              {job.worker_id}
            </a>
          </Fact>
        )}
        {TIMES.map(([name, member]) => {
          const at = job[member];
          return (
            at !== undefined && (
              <Fact key={name} name={name}>
                <Time at={at} />
              </Fact>
            )
          );
        })}
        {job.ran_seconds !== undefined && <Fact name="Took">{duration(job.ran_seconds)}</Fact>}
      </Facts>
      {job.last_error !== undefined && (
        <Section title="Last error">
          <Lines text={job.last_error} isError />
        </Section>
      )}
      {job.result !== undefined && (
        <Section title="Result">
          <Lines text={jsonText(job.result, 2)} />
        </Section>
      )}
      <Section title="Payload">
        <Lines text={jsonText(job.job, 2)} />
      </Section>
    </>
  );
}

const TIMES = [
  ['Running since', 'running_since'],
  ['Last heartbeat', 'last_heartbeat_at'],
  ['Lease ends', 'lease_expires_at'],
  ['Must end by', 'run_ends_at'],
  ['Died', 'died_at'],
  ['Completed', 'completed_at'],
] as const;

function Actions({ job: { id, state }, onDone }: { job: Job; onDone: () => void }) {
  const { say } = useConsole();
  const [isAsking, setAsking] = useState(false);
  async function run(action: Action): Promise<void> {
    const changed = await actOnAll(action, { ids: [id] });
    say(doneText(action, state, changed), changed.changed === 0);
    onDone();
  }
  return (
    <div class="actions">
      {actionsOf(state).map(({ action, label }) => (
        <button
          key={action}
          type="button"
          onClick={() => {
            if (action === 'remove') setAsking(true);
            else run(action).catch((error) => say(said(error), true));
          }}
        >
          {label}
        </button>
      ))}
      {isAsking && (
        <Confirm
          title={state === 'running' ? 'Cancel this job?' : 'Delete this job?'}
          action={state === 'running' ? 'Cancel the job' : 'Delete'}
          isDangerous
          onClose={() => setAsking(false)}
          onConfirm={() => run('remove')}
        >
          <p>
            {state === 'running'
              ? 'Its worker learns of it with its next heartbeat, and should stop. It can still complete the job.'
              : 'It is gone for good.'}
          </p>
        </Confirm>
      )}
    </div>
  );
}
