import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count, counted, duration } from '../text.js';
import { Trend } from '../ui/charts.js';
import { ChoiceField, SearchField } from '../ui/fields.js';
import { Pager, Totals, Trouble } from '../ui/parts.js';
import { MOST_AGE, type Queue, type Queues, type State } from './data.js';
import { TroubleBadges } from './trouble.js';

const SORTS = [
  ['', 'name'],
  ['trouble', 'trouble'],
  ['ready', 'waiting'],
  ['oldest', 'oldest waiting'],
  ['running', 'running'],
  ['scheduled', 'scheduled'],
  ['dead', 'dead'],
] as const;
const ON_A_PAGE = 50;

/** All queues, a page at a time, with what is wrong with them. */
export function QueuesView() {
  const { place, filter } = useConsole();
  const [search, sort, after] = [useParameter('search'), useParameter('sort'), useParameter('after')];
  const isTrouble = useParameter('trouble') === 'true';
  const query = {
    search,
    sort,
    trouble: isTrouble,
    after,
    limit: ON_A_PAGE,
    max_age: MOST_AGE,
    trend: true,
  };
  const looked = usePoll(`queues?${JSON.stringify(query)}`, (signal) =>
    read<Queues>('/queues', query, signal),
  );
  const { data } = looked;
  const more = (next: string) => addressOf('queues', { ...Object.fromEntries(place.query), after: next });

  return (
    <>
      <h1 tabIndex={-1}>Queues</h1>
      <Trouble of={looked} />
      {data && <TotalFigures data={data} />}
      <search class="tools">
        <SearchField label="Find a queue" parameter="search" />
        <ChoiceField label="Sort by" parameter="sort" choices={SORTS} />
        <label class="check">
          <input
            type="checkbox"
            checked={isTrouble}
            onChange={(event) =>
              filter({ trouble: event.currentTarget.checked ? 'true' : undefined, after: undefined })
            }
          />
          Only with trouble
        </label>
        <span class="muted" role="status">
          {data &&
            (data.matched === data.total
              ? counted(data.total, 'queue')
              : `${count(data.matched)} of ${count(data.total)}`)}
        </span>
      </search>
      {data &&
        (data.queues.length > 0 ? <Table queues={data.queues} /> : <Empty isFiltered={data.total > 0} />)}
      {data && (
        <Pager
          first={after ? addressOf('queues', { search, sort, trouble: isTrouble }) : undefined}
          next={data.next && more(data.next)}
        />
      )}
      {data?.history && (
        <p class="muted small-text">
          The lines show the jobs completed in each minute of the last hour in one scale, counted by the
          process that answers since {new Date(data.history.since).toLocaleTimeString()}. Prometheus is for
          longer times and all processes (<code>/metrics</code>).
        </p>
      )}
    </>
  );
}

function TotalFigures({ data: { totals, total } }: { data: Queues }) {
  const jobs = (state: State) => addressOf('jobs', { state });
  return (
    <Totals
      of={[
        { name: 'Waiting', value: count(totals.ready), href: jobs('ready') },
        { name: 'Running', value: count(totals.running), href: jobs('running') },
        { name: 'Scheduled', value: count(totals.scheduled), href: jobs('scheduled') },
        {
          name: 'Dead',
          value: count(totals.dead),
          kind: totals.dead > 0 ? 'bad' : undefined,
          href: jobs('dead'),
        },
        { name: 'Waiting workers', value: count(totals.parked) },
        { name: 'Queues', value: count(total) },
        {
          name: 'With trouble',
          value: count(totals.troubled),
          kind: totals.troubled > 0 ? 'warn' : undefined,
          href: addressOf('queues', { trouble: true, sort: 'trouble' }),
        },
      ]}
    />
  );
}

function Table({ queues }: { queues: Queue[] }) {
  const top = Math.max(...queues.flatMap(({ trend }) => trend?.completed ?? []), 1);
  return (
    <table class="list cards">
      <caption class="unseen">The queues, renewed every few seconds</caption>
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col">Completed</th>
          <th scope="col">Waiting</th>
          <th scope="col">Oldest</th>
          <th scope="col">Running</th>
          <th scope="col">Scheduled</th>
          <th scope="col">Dead</th>
          <th scope="col">Waiting workers</th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <Row key={queue.queue} queue={queue} top={top} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ queue, top }: { queue: Queue; top: number }) {
  const { queue: name, ready, oldest_ready_seconds: oldest, running, scheduled, dead, parked, trend } = queue;
  return (
    <tr>
      <th scope="row">
        <a class="name" href={addressOf('queue', { queue: name })}>
          {name}
        </a>{' '}
        <TroubleBadges of={queue} />
      </th>
      <td class="graph">
        {trend && (
          <Trend
            values={trend.completed}
            top={top}
            label={`${count(trend.completed.at(-1) ?? 0)} completed in the last whole minute`}
          />
        )}
      </td>
      <Figure label="Waiting" value={ready} />
      <td data-label="Oldest">{duration(oldest)}</td>
      <Figure label="Running" value={running} />
      <Figure label="Scheduled" value={scheduled} />
      <td data-label="Dead" class={dead === 0 ? 'zero' : 'bad'}>
        {dead === 0 ? 0 : <a href={addressOf('queue', { queue: name, state: 'dead' })}>{count(dead)}</a>}
      </td>
      <Figure label="Waiting workers" value={parked} />
    </tr>
  );
}

function Figure({ label, value }: { label: string; value: number }) {
  return (
    <td data-label={label} class={value === 0 ? 'zero' : undefined}>
      {count(value)}
    </td>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  return (
    <div class="empty">
      <h2>{isFiltered ? 'No queue is like that' : 'No queue yet'}</h2>
      <p>
        {isFiltered ? (
          <a href={addressOf('queues')}>Show all queues</a>
        ) : (
          'A queue is here as soon as a job is pushed to it, or a worker waits for one.'
        )}
      </p>
    </div>
  );
}
