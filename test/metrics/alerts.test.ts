import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firing, readAlerts, seriesOf } from '../support/alerts.js';
import { createDatabase } from '../support/database.js';
import { Scrape, scrape } from '../support/metrics.js';
import { queueClient } from '../support/queue-client.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const MINUTES = 40;
const alerts = await readAlerts();
const service = await startTestService({}, await createDatabase());
let quiet = await scrape(service.base);
// Its listener connects when it has been started.
await until(async () => {
  quiet = await scrape(service.base);
  return quiet.get('pict_repo_listener_up') === 1;
});

/** Of the quiet service, what the alerts ask for. */
const asked = [...quiet.values].filter(([key]) =>
  alerts.some(({ expression }) => expression.includes(key.split('{', 1)[0] ?? key)),
);

/** Sets series of one of two replicas at a minute. */
type Situation = (set: (series: string, value: number) => void, minute: number, replica: 'a' | 'b') => void;

/** What fires at the end of the minutes, where two replicas are quiet but for the situation. */
function firingIn(situation: Situation): string[] {
  const series = (['a', 'b'] as const).flatMap((replica) => {
    const scrapes = Array.from({ length: MINUTES + 1 }, (_, minute) => {
      const scraped = new Scrape('');
      for (const [key, value] of asked) scraped.values.set(key, value);
      scraped.values.set('up', 1);
      // That of this machine while it tests.
      scraped.values.set('nodejs_eventloop_lag_p99_seconds', 0);
      situation((key, value) => scraped.values.set(key, value), minute, replica);
      return scraped;
    });
    return seriesOf(scrapes, { job: 'pict-repo', instance: replica });
  });
  return alerts.filter((alert) => firing(alert, series, MINUTES).length > 0).map(({ name }) => name);
}

const onA =
  (situation: (set: (series: string, value: number) => void, minute: number) => void): Situation =>
  (set, minute, replica) => {
    if (replica === 'a') situation(set, minute);
  };
const always = (series: string, value: number): Situation => onA((set) => set(series, value));
const both =
  (...situations: Situation[]): Situation =>
  (set, minute, replica) => {
    for (const situation of situations) situation(set, minute, replica);
  };
const since = (from: number, series: string, value: number): Situation =>
  onA((set, minute) => {
    if (minute >= from) set(series, value);
  });
/** A counter that grows by so much a minute. */
const growing = (series: string, step: number): Situation => onA((set, minute) => set(series, minute * step));

const requests = (labels: string) => `pict_repo_http_request_duration_seconds${labels}`;
const answered = (status: string, step: number) =>
  growing(requests(`_count{method="POST",operation="queue.push",status="${status}"}`), step);
const duration = (operation: string, quick: number) =>
  both(
    ...[0.5, 2.5, '+Inf'].map((le, at) =>
      growing(
        requests(`_bucket{le="${le}",method="POST",operation="${operation}",status="2xx"}`),
        at === 0 ? quick : 100,
      ),
    ),
  );

const situations: Record<string, { fires: Situation; silent: Situation }> = {
  PictRepoDown: { fires: since(38, 'up', 0), silent: since(39, 'up', 0) },
  PictRepoErrors: {
    fires: both(answered('2xx', 97), answered('5xx', 3)),
    silent: both(answered('2xx', 99), answered('5xx', 1)),
  },
  PictRepoSlow: { fires: duration('queue.push', 95), silent: duration('queue.pop', 5) },
  PictRepoPoolSaturated: {
    fires: always('pict_repo_pool_requests_waiting', 1),
    silent: onA((set, minute) => set('pict_repo_pool_requests_waiting', minute % 4)),
  },
  PictRepoWritesRefused: {
    fires: since(39, 'pict_repo_writes_refused_total{reason="disk_full"}', 1),
    silent: always('pict_repo_writes_refused_total{reason="disk_full"}', 1),
  },
  PictRepoListenerDown: {
    fires: both(always('pict_repo_listener_up', 0), always('pict_repo_draining', 0)),
    silent: both(always('pict_repo_listener_up', 0), always('pict_repo_draining', 1)),
  },
  PictRepoQueueFiguresMissing: {
    fires: (set) => set('pict_repo_queue_figures_up', 0),
    silent: always('pict_repo_queue_figures_up', 0),
  },
  PictRepoQueueStuck: {
    fires: always('pict_repo_queue_oldest_ready_seconds{queue="q"}', 901),
    silent: both(
      always('pict_repo_queue_oldest_ready_seconds{queue="q"}', 900),
      always('pict_repo_queue_oldest_ready_seconds{queue="paused"}', 9000),
      always('pict_repo_queue_paused{queue="paused"}', 1),
    ),
  },
  PictRepoJobsDie: {
    fires: since(20, 'pict_repo_jobs_total{event="died"}', 1),
    silent: both(
      always('pict_repo_jobs_total{event="died"}', 1),
      always('pict_repo_queue_jobs{queue="q",state="dead"}', 1000),
    ),
  },
  PictRepoLeasesExpire: {
    fires: growing('pict_repo_jobs_total{event="expired"}', 1),
    silent: growing('pict_repo_jobs_total{event="expired"}', 0.5),
  },
  PictRepoManyStreams: {
    fires: always('pict_repo_streams_open', 151),
    silent: always('pict_repo_streams_open', 150),
  },
  PictRepoConnectionsCut: {
    fires: since(39, 'pict_repo_connections_cut_total{reason="stalled"}', 150),
    silent: growing('pict_repo_connections_cut_total{reason="stalled"}', 6),
  },
  PictRepoManyWaitingPolls: {
    fires: always('pict_repo_parked_polls', 15_001),
    silent: since(35, 'pict_repo_parked_polls', 15_001),
  },
  PictRepoEventLoopLag: {
    fires: always('nodejs_eventloop_lag_p99_seconds', 0.6),
    silent: always('nodejs_eventloop_lag_p99_seconds', 0.4),
  },
};

test('each alert fires in its situation alone, and is silent just below it', () => {
  assert.deepEqual(
    alerts.map(({ name }) => name),
    Object.keys(situations),
  );
  assert.deepEqual(
    firingIn(() => {}),
    [],
  );
  for (const [name, { fires, silent }] of Object.entries(situations)) {
    assert.deepEqual(firingIn(fires), [name]);
    assert.deepEqual(firingIn(silent), [], `${name}, just below`);
  }
});

test('of 250 queues the small ones with dead or old jobs are named; a delayed job is not old', async () => {
  const { base, sql } = service;
  await sql`
    insert into jobs (queue, job)
    select 'large-' || n, '1'
    from generate_series(1, 250) as n, generate_series(1, 3)`;
  await sql`
    insert into jobs (queue, job, queued_at)
    select 'stuck-' || n, '1', clock_timestamp() - n * interval '1 hour'
    from generate_series(1, 3) as n`;
  await sql`
    insert into jobs (queue, job, queued_at, ready_since)
    select name, '1', clock_timestamp() - interval '1 day', clock_timestamp() - age
    from (values ('back', interval '1 hour'), ('delayed', interval '1 second')) as job (name, age)`;
  await sql`insert into jobs (queue, job, queued_at) values ('paused', '1', clock_timestamp() - interval '1 day')`;
  await service.ask('POST', '/queues/paused/pause');
  const now = await scrape(base);
  const series = seriesOf(
    Array.from({ length: MINUTES + 1 }, () => now),
    { job: 'pict-repo', instance: 'a' },
  );
  const stuck = alerts.find(({ name }) => name === 'PictRepoQueueStuck');
  assert.ok(stuck);
  const names = firing(stuck, series, MINUTES).map((labels) => labels['queue']);
  assert.deepEqual(names.sort(), ['back', 'stuck-1', 'stuck-2', 'stuck-3']);
  assert.equal(
    Math.floor(now.get('pict_repo_queues_oldest_ready_seconds') / 3600),
    3,
    'paused queues wait on purpose',
  );
});

test('the first job that dies raises the alert, in any queue', async () => {
  const { push, pop, onLease } = queueClient(service);
  const before = await scrape(service.base);
  await push('once');
  const [job] = await pop('once');
  await onLease(job?.lease ?? '', 'fail', { retry: false });
  const after = await scrape(service.base);
  const series = seriesOf([before, after], { job: 'pict-repo', instance: 'a' });
  const died = alerts.find(({ name }) => name === 'PictRepoJobsDie');
  assert.ok(died);
  assert.deepEqual(firing(died, series, 1), [{}]);
  assert.deepEqual(firing(died, series, 0), []);
  assert.equal(after.get('pict_repo_queue_jobs', { queue: 'once', state: 'dead' }), 1);
});
