import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { query, startPostgres } from './support/postgres.js';
import { openProbe, PROBE_JOBS } from './support/probe.js';
import { runBenchmark } from './support/program.js';

// Whether a claim stays cheap while somebody's old snapshot keeps all dead rows: README.md says more.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '48' },
    others: { type: 'string', default: '1000000' },
  },
});
const minutes = Number(values.minutes);
const clients = Number(values.clients);
/** Jobs that wait in other queues, and again as many that are scheduled. */
const others = Number(values.others);
const BACKLOG = 2000;
const SAMPLE_MS = 10_000;
/** After the snapshot: how long the dead rows may take to go, and what is few of them. */
const PATIENCE_MS = 60_000;
const FEW = 0.05;

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep, { autovacuum_naptime: '5s' });
  const url = await postgres.database('bench_soak');
  const port = await processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, [
    'serve',
  ]);
  const load = processes.contender('contenders/cycle.js', { SERVICE_PORT: String(port) });
  const probe = openProbe(url);
  keep(() => probe.close());

  console.log(`${others} jobs wait in 100 other queues, ${others} are scheduled`);
  await seed(url);

  const snapshot = new pg.Client({ connectionString: url });
  snapshot.on('error', () => {});
  await snapshot.connect();
  keep(() => snapshot.end());
  await load('start', { clients, backlog: BACKLOG });
  const sample = sampler(load, probe);
  console.log(
    `${clients} clients push, pop and complete; a claim of ${PROBE_JOBS} jobs, from the mark | of the whole queue`,
  );
  await sample('before');

  await snapshot.query('begin isolation level repeatable read');
  await snapshot.query('select 1 from jobs limit 1');
  const opened = performance.now();
  /** @type {Sample[]} */
  const held = [];
  for (const end = opened + minutes * 60_000; performance.now() < end; ) {
    await sleep(Math.min(SAMPLE_MS, end - performance.now()));
    held.push(await sample('held'));
  }

  await snapshot.query('rollback');
  const released = performance.now();
  const peak = Math.max(...held.map(({ dead }) => dead));
  let gone;
  while (!gone && performance.now() < released + PATIENCE_MS) {
    await sleep(2000);
    const { dead } = await sample('released');
    if (dead <= peak * FEW) gone = Math.round((performance.now() - released) / 1000);
  }
  await load('stop');
  const [first, last] = [held[0], held[held.length - 1]];
  console.log(
    `\nA claim of ${PROBE_JOBS} jobs: picks them with ${first.picking} buffers at first, ${last.picking} at the end; ` +
      `with its update ${first.marked} and ${last.marked}.`,
  );
  console.log(`Jobs/s: ${first.jobsPerSecond} at first, ${last.jobsPerSecond} at the end.`);
  console.log(
    gone === undefined
      ? `The ${peak} dead rows were not gone ${PATIENCE_MS / 1000} s after the snapshot.`
      : `The ${peak} dead rows were gone ${gone} s after the snapshot.`,
  );
});

/** @typedef {{ jobsPerSecond: number, marked: number, picking: number, dead: number }} Sample */

/**
 * Prints a line for each sample.
 *
 * @param {(name: string) => Promise<number>} load
 * @param {ReturnType<typeof openProbe>} probe
 */
function sampler(load, probe) {
  const began = performance.now();
  let at = began;
  let cycles = 0;
  return async (/** @type {string} */ state) => {
    const count = await load('cycles');
    const now = performance.now();
    const jobsPerSecond = Math.round((count - cycles) / ((now - at) / 1000));
    at = now;
    cycles = count;
    const { marked, full } = await probe.claims();
    const { dead, vacuums } = await probe.table();
    const cost = ({ buffers, picking, milliseconds }) =>
      `${picking} of ${buffers} buffers ${milliseconds.toFixed(1)} ms`;
    console.log(
      `${Math.round((now - began) / 1000)} s, ${state}: ${jobsPerSecond} jobs/s, ` +
        `${cost(marked)} | ${cost(full)}, ${dead} dead rows, ${vacuums} vacuums`,
    );
    return { jobsPerSecond, marked: marked.buffers, picking: marked.picking, dead };
  };
}

/** @param {string} url */
async function seed(url) {
  for (const [state, runAt] of [
    ['ready', 'null'],
    ['scheduled', `now() + interval '1 day' + make_interval(secs => n)`],
  ]) {
    await query(
      url,
      `insert into jobs (queue, job, state, run_at)
       select 'other-' || n % 100, '{"n":1}', '${state}', ${runAt}
       from generate_series(1, ${others}) as n`,
    );
  }
  await query(url, 'vacuum (analyze)');
  await query(url, 'checkpoint');
}
