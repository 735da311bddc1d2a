import { duration } from '../text.js';
import { Chart } from '../ui/charts.js';
import type { History, Minute } from './data.js';

/** The last hour of a queue, as the process that answers has counted it. Closed at first on a phone. */
export function QueueHistory({ history: { minutes, since, shared } }: { history: History }) {
  const times = minutes.map(({ at }) => at);
  const values = (name: Exclude<keyof Minute, 'at'>) => minutes.map((minute) => minute[name]);
  const failures = minutes.map(({ completed, failed }) =>
    completed + failed === 0 ? null : (failed / (completed + failed)) * 100,
  );
  return (
    <details class="panel" open={isWide()}>
      <summary class="section-head">
        <h2>The last hour</h2>
        <span class="muted small-text">
          {shared ? 'Many queues together, because there are too many to count each. ' : ''}
          Counted by this process since {new Date(since).toLocaleTimeString()}
        </span>
      </summary>
      <div class="charts">
        <Chart
          title="Jobs a minute"
          times={times}
          series={[
            { name: 'pushed', values: values('pushed'), kind: 'two' },
            { name: 'completed', values: values('completed'), kind: 'one' },
            { name: 'failed', values: values('failed'), kind: 'three' },
          ]}
        />
        <Chart
          title="Failed runs in percent"
          times={times}
          series={[{ name: 'failed', values: failures, kind: 'three' }]}
          write={(value) => `${Number.isInteger(value) ? value : value.toFixed(1)} %`}
        />
        <Chart
          title="Wait for a worker"
          times={times}
          write={duration}
          series={[
            { name: 'p50', values: values('wait_p50'), kind: 'one' },
            { name: 'p99', values: values('wait_p99'), kind: 'two' },
          ]}
        />
        <Chart
          title="Length of a run"
          times={times}
          write={duration}
          series={[
            { name: 'p50', values: values('run_p50'), kind: 'one' },
            { name: 'p99', values: values('run_p99'), kind: 'two' },
          ]}
        />
      </div>
    </details>
  );
}

/** On a phone the charts would stand before the jobs, several screens high. */
function isWide(): boolean {
  return matchMedia('(min-width: 761px)').matches;
}
